import { createInterface } from 'node:readline';
import { oneLine } from './say.ts';

/** The lines of standard input, as far as they have come and nobody has taken them. */
class Lines {
  readonly #kept: string[] = [];
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #ended: boolean;

  constructor(input: NodeJS.ReadStream) {
    // One that was read to its end says so no more.
    this.#ended = input.readableEnded || input.destroyed;
    if (this.#ended) return;
    createInterface({ input, terminal: false })
      .on('line', (line) => {
        const taker = this.#waiting.shift();
        if (taker === undefined) this.#kept.push(line);
        else taker(line);
      })
      .on('close', () => {
        this.#ended = true;
        for (const taker of this.#waiting.splice(0)) taker(undefined);
      });
  }

  /** The next line; undefined where there is none any more. @throws the signal's reason, and leaves the line */
  next(signal?: AbortSignal): Promise<string | undefined> {
    const kept = this.#kept.shift();
    if (kept !== undefined || this.#ended) return Promise.resolve(kept);
    return new Promise((resolve, reject) => {
      const taker = (line: string | undefined): void => {
        signal?.removeEventListener('abort', leave);
        resolve(line);
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(taker), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(taker);
    });
  }
}

/** One for all questions: what one of them has read of the next one's answer is not lost. */
let lines: Lines | undefined;

/**
 * Asks on standard error and takes a line of standard input, a terminal or not; undefined where it has ended.
 * @throws the signal's reason
 */
export async function askLine(question: string, signal?: AbortSignal): Promise<string | undefined> {
  signal?.throwIfAborted();
  process.stderr.write(oneLine(question));
  lines ??= new Lines(process.stdin);
  process.stdin.resume();
  try {
    return await lines.next(signal);
  } finally {
    // A terminal that is listened to keeps the process.
    process.stdin.pause();
  }
}

/** Asks for the code of a device for multi-factor authentication. */
export const askMfaCode = async (device: string): Promise<string> =>
  (await askLine(`The code that ${device} shows: `)) ?? '';

/** Asks for a yes; whatever else is typed is none. */
export const askYes = async (question: string, signal?: AbortSignal): Promise<boolean> =>
  /^y(es)?$/i.test((await askLine(`${question} [y/N] `, signal))?.trim() ?? '');
