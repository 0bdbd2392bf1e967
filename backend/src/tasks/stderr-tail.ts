import type { OutputPipe } from '../isolation/pipes.ts';

const KEPT_CHARS = 8 * 1024;

/** The end of what a process says on standard error, for the message of its failure. */
export class StderrTail {
  #text = '';
  readonly ended: Promise<void>;

  constructor(pipe: OutputPipe) {
    this.ended = pipe.read((chunk) => {
      this.#text = (this.#text + chunk.toString('utf8')).slice(-KEPT_CHARS);
      return undefined;
    });
  }

  get text(): string {
    return this.#text.trim();
  }
}
