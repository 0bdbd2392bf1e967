import type { EventBody } from '../../../src/protocol/event.ts';
import type { Redactor } from './redactor.ts';

type OutputBody = Extract<EventBody, { type: 'output' }>;
type Append = (event: OutputBody) => Promise<void> | undefined;

/** Takes secrets out of what a program writes, also where they are divided among its parts. */
export class RedactedOutput {
  readonly #redactor: Redactor;
  readonly #streams;
  readonly #append: Append;

  constructor(redactor: Redactor, append: Append) {
    this.#redactor = redactor;
    this.#streams = { stdout: redactor.stream(), stderr: redactor.stream() };
    this.#append = append;
  }

  /** Gives what to wait for before the next, where there is such a thing. */
  add(event: OutputBody): Promise<void> | undefined {
    const { stream, text, base64 } = event;
    if (text === undefined) {
      // What of the text before it is held back comes first, and may be a secret with what follows.
      const held = Buffer.from(this.#streams[stream].end());
      const bytes = Buffer.concat([held, Buffer.from(base64 ?? '', 'base64')]).toString('latin1');
      const redacted = Buffer.from(this.#redactor.redact(bytes), 'latin1').toString('base64');
      return this.#append({ ...event, base64: redacted });
    }
    const shown = this.#streams[stream].push(text);
    return shown === '' ? undefined : this.#append({ ...event, text: shown });
  }

  /** Tells what is held back. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#streams[stream].end();
      if (text !== '') void this.#append({ type: 'output', stream, text });
    }
  }
}
