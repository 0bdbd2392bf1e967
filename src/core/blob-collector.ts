import type { RunEvent } from '../protocol/event.ts';

type BlobEvent = Extract<RunEvent, { type: 'blob' }>;

/** Puts together the contents that travel inside a run's stream, until they are taken. */
export class BlobCollector {
  readonly #partial = new Map<string, Buffer[]>();
  readonly #whole = new Map<string, Buffer>();

  add(runId: string, event: BlobEvent): void {
    const key = `${runId}/${event.hash}`;
    const parts = this.#partial.get(key) ?? [];
    parts.push(Buffer.from(event.base64, 'base64'));
    if (event.last) {
      this.#partial.delete(key);
      this.#whole.set(key, Buffer.concat(parts));
    } else this.#partial.set(key, parts);
  }

  take(runId: string, hash: string): Buffer | undefined {
    return this.#whole.get(`${runId}/${hash}`);
  }
}
