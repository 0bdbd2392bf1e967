import { existsSync } from 'node:fs';
import type { BoxSpec } from './box.ts';

type Limited = Pick<BoxSpec, 'limits' | 'memoryLimit'>;

/** Debian's shell sets limits and hands over to the program in half the time that prlimit takes. */
const DASH = '/usr/bin/dash';
const hasDash = existsSync(DASH);

/** What stands between the box and the program: limits that must be set inside it. */
export const limitArguments = (spec: Limited): string[] => (hasDash ? byDash(spec) : byPrlimit(spec));

/** See dash(1), ulimit: `-f` counts in 512 bytes, `-v` and `-d` in 1024. The program's arguments stay arguments. */
function byDash({ limits, memoryLimit }: Limited): string[] {
  const settings = [
    `-p ${String(limits.processes)}`,
    `-S -t ${String(limits.cpuSeconds)}`,
    `-H -t ${String(limits.cpuSeconds + 1)}`,
    `-f ${String(Math.floor(limits.fileBytes / 512))}`,
    `-n ${String(limits.openFiles)}`,
    `${memoryLimit === 'as' ? '-v' : '-d'} ${String(Math.floor(limits.memoryBytes / 1024))}`,
    '-c 0',
  ];
  return [DASH, '-c', `${settings.map((each) => `ulimit ${each}`).join(' && ')} && exec "$@"`, 'offload'];
}

/** See prlimit(1). */
function byPrlimit({ limits, memoryLimit }: Limited): string[] {
  return [
    '/usr/bin/prlimit',
    `--nproc=${String(limits.processes)}`,
    `--cpu=${String(limits.cpuSeconds)}:${String(limits.cpuSeconds + 1)}`,
    `--fsize=${String(limits.fileBytes)}`,
    `--nofile=${String(limits.openFiles)}`,
    `--${memoryLimit}=${String(limits.memoryBytes)}`,
    '--core=0',
    '--',
  ];
}
