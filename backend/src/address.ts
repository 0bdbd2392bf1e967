import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Where a server is reached: an address of its own, and the public one of its build, which points to it. Two servers
 * that start at once both work; the later one is found, the other ends after its quiet time.
 */
export interface Address {
  own: string;
  /** Makes the public address point here; what stood there is replaced in one step. */
  publish(): void;
  remove(): void;
}

/** @param publicAddress where clients look; a named pipe on Windows, which has but one owner */
export function serverAddress(publicAddress: string): Address {
  if (process.platform === 'win32') {
    return { own: publicAddress, publish: () => undefined, remove: () => undefined };
  }
  const own = `${publicAddress}.${String(process.pid)}`;
  return {
    own,
    publish: () => {
      const link = `${own}.link`;
      rmSync(link, { force: true });
      symlinkSync(basename(own), link);
      renameSync(link, publicAddress);
    },
    remove: () => {
      rmSync(own, { force: true });
    },
  };
}
