import type { AgentReport, Conversation } from '../../../backend/src/agents/agent.ts';

/** An agent that is led by hand. */
export class ByHand implements Conversation {
  readonly sent: string[] = [];
  interrupts = 0;
  ended = false;
  readonly #ready: IteratorResult<AgentReport, undefined>[] = [];
  #wake: (() => void) | undefined;
  readonly reports: AsyncIterable<AgentReport> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        for (;;) {
          const next = this.#ready.shift();
          if (next !== undefined) return next;
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      },
    }),
  };
  report(report: AgentReport): void {
    this.#ready.push({ done: false, value: report });
    this.#wake?.();
  }
  close(): void {
    this.#ready.push({ done: true, value: undefined });
    this.#wake?.();
  }
  send(text: string): void {
    this.sent.push(text);
  }
  answer(id: string): boolean {
    return id === 'q';
  }
  interrupt(): void {
    this.interrupts++;
  }
  end(): void {
    this.ended = true;
  }
}
