import { EVERY_SECOND, type SegmentPace } from '../store/journal/segment-pace.ts';
import type { SegmentWriter } from '../store/journal/segment-writer.ts';
import { apartFromEnd, isHeartbeat } from './last-line.ts';

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
  pace: SegmentPace = EVERY_SECOND,
): Promise<boolean> {
  const gathered = new Gathered(writer, signal, pace);
  let ended = false;
  for await (const chunk of lines) {
    if (isHeartbeat(chunk)) continue;
    gathered.add(chunk);
    ended = apartFromEnd(chunk).end !== undefined;
    if (ended) break;
    while (gathered.bytes > pace.most()) await gathered.flush();
  }
  while (gathered.bytes > 0 || gathered.writing) await gathered.flush();
  return ended;
}

/** Lines that wait to be written, one segment at a time. */
class Gathered {
  bytes = 0;
  readonly #writer: SegmentWriter;
  readonly #signal: AbortSignal;
  readonly #pace: SegmentPace;
  #waiting: Buffer[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: { error: unknown } | undefined;

  constructor(writer: SegmentWriter, signal: AbortSignal, pace: SegmentPace) {
    this.#writer = writer;
    this.#signal = signal;
    this.#pace = pace;
  }

  get writing(): boolean {
    return this.#writing !== undefined;
  }

  /** @throws what the store has failed with */
  add(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#waiting.push(Buffer.from(chunk));
    this.bytes += chunk.length;
    if (this.bytes >= this.#pace.full()) this.#write();
    else this.#writeLater();
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
        this.#writeLater();
      });
  }

  #writeLater(): void {
    if (this.bytes === 0) return;
    const wait = this.bytes >= this.#pace.full() ? 0 : this.#pace.interval();
    if (wait !== undefined) this.#timer ??= setTimeout(() => this.#write(), wait).unref();
  }
}
