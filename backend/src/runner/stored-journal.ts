import type { SegmentWriter } from '../store/journal/segment-writer.ts';
import { apartFromEnd, isHeartbeat } from './last-line.ts';

/** Milliseconds that a line waits at most before it is written to the store, and bytes of those that wait. */
const INTERVAL = 1000;
const FULL = 256 * 1024;

/** Bytes that wait at most, while the store is slow; the rest stays in the journal on the disk. */
const MOST = 4 * 1024 * 1024;

/**
 * Writes a journal to the store as it grows: whole lines, gathered, one segment after the other. Resolves when all of it is
 * written: whether the end of the run is in it, which it is not where the run goes on elsewhere.
 * @param lines of the journal; a chunk's memory may be used again
 * @throws Fenced; what the store fails with; the signal's reason
 */
export async function storeJournal(
  lines: AsyncIterable<Buffer>,
  writer: SegmentWriter,
  signal: AbortSignal,
): Promise<boolean> {
  const gathered = new Gathered(writer, signal);
  let ended = false;
  for await (const chunk of lines) {
    if (isHeartbeat(chunk)) continue;
    gathered.add(chunk);
    ended = apartFromEnd(chunk).end !== undefined;
    if (ended) break;
    while (gathered.bytes > MOST) await gathered.flush();
  }
  while (gathered.bytes > 0 || gathered.writing) await gathered.flush();
  return ended;
}

/** Lines that wait to be written, one segment at a time. */
class Gathered {
  bytes = 0;
  readonly #writer: SegmentWriter;
  readonly #signal: AbortSignal;
  #waiting: Buffer[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: { error: unknown } | undefined;

  constructor(writer: SegmentWriter, signal: AbortSignal) {
    this.#writer = writer;
    this.#signal = signal;
  }

  get writing(): boolean {
    return this.#writing !== undefined;
  }

  /** @throws what the store has failed with */
  add(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#waiting.push(Buffer.from(chunk));
    this.bytes += chunk.length;
    if (this.bytes >= FULL) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), INTERVAL).unref();
  }

  /** Resolves when what is being written, or else what waits, is written. @throws as {@link add} */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** What comes while a segment is written is the next one. */
  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.bytes === 0 || this.#failure !== undefined) return;
    const segment = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.bytes = 0;
    this.#writing = this.#writer
      .append(segment, this.#signal)
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#writing = undefined;
        if (this.bytes > 0)
          this.#timer ??= setTimeout(() => this.#write(), this.bytes >= FULL ? 0 : INTERVAL).unref();
      });
  }
}
