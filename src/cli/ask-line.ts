import { Lines } from './lines.ts';
import { oneLine } from './say.ts';

/**
 * Asks on standard error and takes a line of standard input, a terminal or not; undefined where it has ended.
 * @throws the signal's reason
 */
export async function askLine(question: string, signal?: AbortSignal): Promise<string | undefined> {
  signal?.throwIfAborted();
  process.stderr.write(oneLine(question));
  return Lines.of(process.stdin).next(signal);
}

/** Asks for the code of a device for multi-factor authentication. */
export const askMfaCode = async (device: string): Promise<string> =>
  (await askLine(`The code that ${device} shows: `)) ?? '';

/** Asks for a yes; whatever else is typed is none. */
export const askYes = async (question: string, signal?: AbortSignal): Promise<boolean> =>
  /^y(es)?$/i.test((await askLine(`${question} [y/N] `, signal))?.trim() ?? '');
