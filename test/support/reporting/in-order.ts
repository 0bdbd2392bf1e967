import type { Writable } from 'node:stream';

/** One of several outputs that are written at the same time. */
export interface Part {
  write(chunk: string | Uint8Array): void;
  /** Nothing more is written to it. */
  end(): void;
}

/**
 * Shows what is written at the same time one after the other: the first part as it is written, each further one from its
 * beginning once those before it have ended.
 */
export class InOrder {
  readonly #parts: { kept: (string | Uint8Array)[]; ended: boolean }[] = [];
  readonly #to: Pick<Writable, 'write'>;

  constructor(to: Pick<Writable, 'write'>) {
    this.#to = to;
  }

  /** A further part, shown after all that were asked for before it. */
  part(): Part {
    const part = { kept: [] as (string | Uint8Array)[], ended: false };
    this.#parts.push(part);
    return {
      write: (chunk) => {
        part.kept.push(chunk);
        this.#show();
      },
      end: () => {
        part.ended = true;
        this.#show();
      },
    };
  }

  #show(): void {
    for (let first = this.#parts[0]; first !== undefined; first = this.#parts[0]) {
      for (const chunk of first.kept.splice(0)) this.#to.write(chunk);
      if (!first.ended) return;
      this.#parts.shift();
    }
  }
}
