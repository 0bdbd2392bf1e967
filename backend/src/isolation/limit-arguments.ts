import { existsSync } from 'node:fs';
import type { BoxSpec } from './box.ts';

type Limited = Pick<BoxSpec, 'limits' | 'memoryLimit'>;

/** Debian's shell sets limits and hands over to the program in half the time that prlimit takes. */
export const DASH = '/usr/bin/dash';
/** Whether this machine has it. */
export const hasDash = (): boolean => existsSync(DASH);

/** What stands between the box and the program: limits that must be set inside it. */
export const limitArguments = (spec: Limited, dash: boolean): string[] =>
  dash ? [DASH, '-c', `${limitCommands(spec)} && exec "$@"`, 'offload'] : byPrlimit(spec);

/**
 * The same in the words of {@link DASH}. Its ulimit counts in 512 bytes for `-f`, in 1024 for `-v` and `-d`.
 * @param options `processes`: whether their number is among them; it counts all of a user's
 */
export const limitCommands = ({ limits, memoryLimit }: Limited, { processes = true } = {}): string =>
  [
    ...(processes ? [`-p ${String(limits.processes)}`] : []),
    `-S -t ${String(limits.cpuSeconds)}`,
    `-H -t ${String(limits.cpuSeconds + 1)}`,
    `-f ${String(Math.floor(limits.fileBytes / 512))}`,
    `-n ${String(limits.openFiles)}`,
    `${memoryLimit === 'as' ? '-v' : '-d'} ${String(Math.floor(limits.memoryBytes / 1024))}`,
    '-c 0',
  ]
    .map((setting) => `ulimit ${setting}`)
    .join(' && ');

/**
 * The same in the words of prlimit(1).
 * @param options `program`: where that is; `processes`: as in {@link limitCommands}
 */
export function byPrlimit(
  { limits, memoryLimit }: Limited,
  { program = '/usr/bin/prlimit', processes = true } = {},
): string[] {
  return [
    program,
    ...(processes ? [`--nproc=${String(limits.processes)}`] : []),
    `--cpu=${String(limits.cpuSeconds)}:${String(limits.cpuSeconds + 1)}`,
    `--fsize=${String(limits.fileBytes)}`,
    `--nofile=${String(limits.openFiles)}`,
    `--${memoryLimit}=${String(limits.memoryBytes)}`,
    '--core=0',
    '--',
  ];
}
