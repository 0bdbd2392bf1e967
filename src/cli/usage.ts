import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A command line that cannot be understood; the message says what is wrong with it. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** Node's argument parser, with what it throws made into a {@link Usage}. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split(/\.\s/)[0] : String(cause);
    throw new Usage(message, { cause });
  }
}

/** A whole number of a command line. @throws Usage for anything else, or one outside the range */
export function wholeNumber(
  text: string | undefined,
  name: string,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value;
  throw new Usage(`${name} takes a whole number from ${String(min)} to ${String(max)}, not "${text}"`);
}
