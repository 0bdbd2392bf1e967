import type { AgentReport } from './agent.ts';

/** Reports that may wait to be read; then the agent is not read any further. */
const MANY = 16;

/** Reports on their way from what makes them to what reads them. */
export class ReportQueue implements AsyncIterable<AgentReport> {
  readonly #waiting: AgentReport[] = [];
  #closed = false;
  #wakeReader: () => void = () => undefined;
  #wakeWriter: () => void = () => undefined;

  push(report: AgentReport): void {
    if (this.#closed) return;
    this.#waiting.push(report);
    this.#wakeReader();
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#waiting.length >= MANY && !this.#closed) {
      await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
    }
  }

  /** What waits is read yet; nothing is added. */
  close(): void {
    this.#closed = true;
    this.#wakeReader();
    this.#wakeWriter();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AgentReport, void, undefined> {
    for (;;) {
      const report = this.#waiting.shift();
      if (report !== undefined) {
        this.#wakeWriter();
        yield report;
      } else if (this.#closed) return;
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }
}
