import type { BoxSpec } from '../box.ts';
import { limitCommands } from '../limit-arguments.ts';
import { quoted } from '../start-script.ts';

/** The exit code of a program that SIGKILL has ended, by which the kernel ends one that has no memory. */
export const KILLED = 137;
/** The exit code of an engine's own failures. */
export const ENGINE_FAILED = 125;
const NO_LIMITS = 'offload: the engine does not let a container set its limits; the program was not started';
/** Seconds that a container stays when its program was killed, so that its counters can be read. */
const LOOK_SECONDS = 0.2;

/**
 * What the first process of a container does, in the words of Debian's shell: it sets the limits, runs the program, and
 * takes the children that others leave behind. A first process is one that signals do not end, so the program is its child.
 */
export const containerScript = (spec: BoxSpec): string =>
  [
    // What the shell itself says, as of a child that a signal has ended, is none of the program's words.
    'exec 3>&2 2>/dev/null',
    `{ ${limitCommands(spec, { processes: false })}; } || { echo ${quoted(NO_LIMITS)} >&3; exit ${String(ENGINE_FAILED)}; }`,
    ...Object.entries(spec.env).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `(exec ${spec.argv.map(quoted).join(' ')} 2>&3 3>&-)`,
    'code=$?',
    `[ "$code" != ${String(KILLED)} ] || /usr/bin/sleep ${String(LOOK_SECONDS)}`,
    'exit "$code"',
    '',
  ].join('\n');
