import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';

const ENDING = '.sock';

/** Where the backend of a build is reached: a unix socket in the runtime folder, a named pipe on Windows. */
export function publicAddress(runtime: string, build: string): string {
  if (process.platform !== 'win32') return join(runtime, build + ENDING);
  const user = createHash('sha256').update(runtime.toLowerCase()).digest('hex').slice(0, 16);
  return `\\\\.\\pipe\\offload-${user}-${build}`;
}

/** Bytes of a unix socket's path at most, without the NUL at its end: unix(7) on Linux, unix(4) elsewhere. */
const MAX_ADDRESS_BYTES = process.platform === 'linux' ? 107 : 103;
/** Bytes that a socket's name takes in the folder: a build of usual length, and the process id of its server. */
const NAME_BYTES = 40;

/**
 * Sockets are bound by their path, which must be short.
 * @throws OffloadError `no-backend` for a runtime folder that leaves no room for their names
 */
export function checkAddressLength(runtime: string): void {
  if (process.platform === 'win32' || Buffer.byteLength(runtime) + NAME_BYTES <= MAX_ADDRESS_BYTES) return;
  throw new OffloadError('no-backend', `The path of ${runtime} is too long for the sockets in it.`, {
    fix: 'Set XDG_RUNTIME_DIR to a folder with a short path.',
  });
}

/** The other builds that have, or had, a backend here. */
export async function otherBuilds(runtime: string, build: string): Promise<string[]> {
  const names = await readdir(runtime).catch(() => []);
  return names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .filter((other) => other !== build);
}

/** Orders builds by their package version: negative when `a` is older. The content's hash has no order. */
export function compareBuilds(a: string, b: string): number {
  const numbers = (build: string): number[] => (build.split('-')[0] ?? '').split('.').map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
