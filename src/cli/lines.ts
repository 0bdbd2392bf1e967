import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A terminal, or what stands in its place. */
export type LineInput = Readable & { isTTY?: boolean };

type Taker = (line: string | undefined) => void;

const known = new WeakMap<LineInput, Lines>();

/** The lines of an input: one for all who ask, so that a line is the answer to one question and to no other. */
export class Lines {
  readonly #input: LineInput;
  readonly #kept: string[] = [];
  readonly #waiting: Taker[] = [];
  #listening = 0;
  #ended: boolean;

  static of(input: LineInput): Lines {
    const lines = known.get(input) ?? new Lines(input);
    known.set(input, lines);
    return lines;
  }

  private constructor(input: LineInput) {
    this.#input = input;
    // One that was read to its end says so no more.
    this.#ended = input.readableEnded || input.destroyed;
    if (this.#ended) return;
    createInterface({ input, terminal: false })
      .on('line', (line) => {
        // Whoever asked last has their question before the user's eyes.
        const taker = this.#waiting.pop();
        if (taker !== undefined) taker(line);
        // What comes with an answer by a pipe is the next one's; what is typed where nobody asks answers nothing.
        else if (input.isTTY !== true) this.#kept.push(line);
      })
      .on('close', () => {
        this.#ended = true;
        for (const taker of this.#waiting.splice(0)) taker(undefined);
      });
    this.#flow();
  }

  /** The next line; undefined where there is none any more. @throws the signal's reason, and leaves the line */
  async next(signal?: AbortSignal): Promise<string | undefined> {
    signal?.throwIfAborted();
    const kept = this.#kept.shift();
    if (kept !== undefined || this.#ended) return kept;
    let taker: Taker | undefined;
    let leave: (() => void) | undefined;
    try {
      return await new Promise<string | undefined>((resolve, reject) => {
        leave = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', leave, { once: true });
        this.#waiting.push((taker = resolve));
        this.#flow();
      });
    } finally {
      const at = taker === undefined ? -1 : this.#waiting.indexOf(taker);
      if (at >= 0) this.#waiting.splice(at, 1);
      if (leave !== undefined) signal?.removeEventListener('abort', leave);
      this.#flow();
    }
  }

  /** Has lines come also between questions, until what it gives is called. What is typed then is nobody's answer. */
  listen(): () => void {
    this.#listening++;
    this.#flow();
    return () => {
      this.#listening--;
      this.#flow();
    };
  }

  /** A terminal that is listened to keeps the process. */
  #flow(): void {
    if (this.#waiting.length + this.#listening > 0) this.#input.resume();
    else this.#input.pause();
  }
}
