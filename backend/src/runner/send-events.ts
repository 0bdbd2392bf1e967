import type { Writable } from 'node:stream';
import { MAX_ANSWER_BYTES, written } from '../function-handler.ts';
import { apartFromEnd } from './last-line.ts';

/** Milliseconds that a reader may take nothing at all, once everything is stored: the runner is paid for by its time. */
const TAKEN_IN = 10_000;

/** What has to be in the store before something is sent. */
export interface BeforeSending {
  /** That the run is this runner's. */
  taken: Promise<unknown>;
  /** All of its journal. */
  whole: Promise<unknown>;
}

/**
 * Sends frames as they come, once the run is this runner's, and the end of the run when it is stored. A reader who takes
 * nothing any more once all is stored is left: it attaches.
 * @returns whether the reader was left; the response is still open then
 */
export async function sendEvents(
  first: IteratorResult<Buffer>,
  frames: AsyncIterator<Buffer>,
  response: Writable,
  stored: BeforeSending,
): Promise<boolean> {
  const reader = new Reader(response, stored.whole);
  let bytes = 0;
  try {
    for (let next = first; next.done !== true && !reader.isLeft; next = await frames.next()) {
      const { lines, end } = apartFromEnd(next.value);
      bytes += next.value.length;
      if (bytes > MAX_ANSWER_BYTES) response.end();
      await stored.taken;
      if (lines.length > 0) await reader.give(lines);
      if (end === undefined) continue;
      const kept = Buffer.from(end);
      await stored.whole;
      await reader.give(kept);
      break;
    }
    return reader.isLeft;
  } finally {
    reader.dispose();
  }
}

/** Who reads an answer, and may stop doing so without leaving. */
class Reader {
  readonly #response: Writable;
  #isLeft = false;
  #isOver = false;
  #isStored = false;
  #giveUp: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(response: Writable, whole: Promise<unknown>) {
    this.#response = response;
    whole.then(
      () => {
        this.#isStored = true;
        this.#wait();
      },
      () => undefined,
    );
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Resolves when it has taken them, or is left. */
  async give(bytes: Uint8Array): Promise<void> {
    if (this.#isLeft) return;
    await new Promise<void>((resolve) => {
      this.#giveUp = resolve;
      void written(this.#response, bytes).then(resolve);
    });
    this.#wait();
  }

  dispose(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#isStored && !this.#isOver) this.#timer = setTimeout(() => this.#leave(), TAKEN_IN);
  }

  #leave(): void {
    this.#isLeft = true;
    this.#giveUp();
  }
}
