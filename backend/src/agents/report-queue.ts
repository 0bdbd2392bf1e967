import type { AgentReport } from './agent.ts';

/** Reports on their way from whoever makes them to the one who reads them. */
export class ReportQueue implements AsyncIterable<AgentReport> {
  readonly #held: AgentReport[] = [];
  #ended = false;
  #tellMore: (() => void) | undefined;
  #tellEmpty: (() => void) | undefined;

  push(...reports: readonly AgentReport[]): void {
    this.#held.push(...reports);
    this.#tellMore?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#tellMore?.();
  }

  /** Resolves when everything was taken: whoever makes reports waits for it, so that a slow reader is not flooded. */
  async taken(): Promise<void> {
    if (this.#held.length === 0) return;
    await new Promise<void>((resolve) => (this.#tellEmpty = resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AgentReport, void, undefined> {
    for (;;) {
      for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) yield next;
      this.#tellEmpty?.();
      if (this.#ended) return;
      await new Promise<void>((resolve) => (this.#tellMore = resolve));
    }
  }
}
