import type { BoxSpec } from './box.ts';
import { DASH, limitCommands } from './limit-arguments.ts';

/** Among the options of a box: what its shell is to do. */
const VARIABLE = 'OFFLOAD_START';
/** Bytes of a script at most: the kernel takes no variable of more than 128 KiB (execve(2), MAX_ARG_STRLEN). */
const MAX_BYTES = 100_000;

/** A shell that does what it finds in its environment, so that it can be started before that is known. */
export const scriptRunner: readonly string[] = [DASH, '-c', `eval "$${VARIABLE}"`];

/**
 * The options that let {@link scriptRunner} become a program, with its limits set; undefined for one that it cannot
 * start. They come last: of options that are cut short nothing starts. A cut script is none either, since it lacks the
 * closing brace.
 */
export function scriptOptions(spec: BoxSpec): string[] | undefined {
  // The program would not see a variable of that name.
  if (VARIABLE in spec.env) return undefined;
  const program = spec.argv.map(quoted).join(' ');
  const script = `{ unset ${VARIABLE}; ${limitCommands(spec)} && exec ${program}; }`;
  return Buffer.byteLength(script) > MAX_BYTES ? undefined : ['--setenv', VARIABLE, script];
}

/** In single quotes everything but their end stands for itself. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
