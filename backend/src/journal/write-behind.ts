import { write } from 'node:fs';
import { BufferPool } from '../buffer-pool.ts';

const LINE_FEED = 10;

/** UTF-8 bytes that one UTF-16 unit takes at most. */
const MAX_UNIT_BYTES = 3;

/** Bytes that are gathered while others are being written. More are taken, but there is no room for them. */
const BUFFER_BYTES = 1024 * 1024;

/** Bytes that are left free for whoever adds once more before it hears that there is no room. */
const RESERVE_BYTES = 512 * 1024;

const pool = new BufferPool(BUFFER_BYTES, 8);

/** Told of each write: of the bytes and lines that are in the file now, or of the error after which nothing is written. */
export interface WriteBehindListener {
  onWritten(bytes: number, lines: number): void;
  onError(error: Error): void;
}

/**
 * Appends lines to a file from a thread, in order: while one buffer is written the next is filled. What is added after
 * an error is dropped.
 */
export class WriteBehind {
  readonly #fd: number;
  readonly #listener: WriteBehindListener;
  #filling = pool.take();
  #bytes = 0;
  #lines = 0;
  #spare = pool.take();
  #writing: Promise<void> | undefined;
  #failed = false;

  /** @param fd a file that is open for appending, and that nobody else writes to until {@link drained} */
  constructor(fd: number, listener: WriteBehindListener) {
    this.#fd = fd;
    this.#listener = listener;
  }

  get idle(): boolean {
    return this.#writing === undefined;
  }

  /** Whether more should be added before {@link progress}. */
  get hasRoom(): boolean {
    return this.#bytes + RESERVE_BYTES <= BUFFER_BYTES;
  }

  /** Adds a line and its line feed. */
  add(line: string): void {
    if (this.#failed) return;
    this.#makeRoom(line);
    this.#bytes += this.#filling.write(line, this.#bytes);
    this.#filling[this.#bytes++] = LINE_FEED;
    this.#lines++;
    this.#writing ??= this.#write();
  }

  /** Resolves when what is being written is in the file, or has failed to be. */
  async progress(): Promise<void> {
    await this.#writing;
  }

  /** Resolves when all that was added is in the file, or has failed to be. */
  async drained(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Gives the memory back: nothing can be added any more. Only when drained. */
  dispose(): void {
    pool.give(this.#filling);
    pool.give(this.#spare);
  }

  #makeRoom(line: string): void {
    // Counting takes longer than a guess that is mostly good enough.
    if (this.#bytes + line.length * MAX_UNIT_BYTES < this.#filling.length) return;
    const needed = this.#bytes + Buffer.byteLength(line) + 1;
    if (needed <= this.#filling.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.#filling.copy(larger, 0, 0, this.#bytes);
    this.#filling = larger;
  }

  async #write(): Promise<void> {
    const [buffer, bytes, lines] = [this.#filling, this.#bytes, this.#lines];
    [this.#filling, this.#spare, this.#bytes, this.#lines] = [this.#spare, buffer, 0, 0];
    try {
      for (let at = 0; at < bytes;) at += await writePart(this.#fd, buffer, at, bytes - at);
      this.#listener.onWritten(bytes, lines);
    } catch (error) {
      this.#failed = true;
      this.#bytes = 0;
      this.#listener.onError(error as Error);
    }
    this.#writing = this.#bytes > 0 ? this.#write() : undefined;
  }
}

const writePart = (fd: number, buffer: Buffer, at: number, length: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, buffer, at, length, null, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
