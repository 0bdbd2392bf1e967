import { readFileSync } from 'node:fs';

/** What tells which build of a program runs on a machine. */
export interface Platform {
  os: NodeJS.Platform;
  /** As `process.arch` has it. */
  arch: string;
  /** Whether its C library is musl. */
  musl: boolean;
}

export const thisPlatform = (): Platform => ({ os: process.platform, arch: process.arch, musl: hasMusl() });

/** As npm tells it: by the program that comes with the library. */
function hasMusl(): boolean {
  try {
    return process.platform === 'linux' && readFileSync('/usr/bin/ldd', 'latin1').includes('musl');
  } catch {
    return false;
  }
}
