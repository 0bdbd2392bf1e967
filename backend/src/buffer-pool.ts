/** Buffers of one size that are used over and over: memory outside the heap makes the collector run early. */
export class BufferPool {
  readonly #bytes: number;
  readonly #kept: number;
  readonly #free: Buffer[] = [];

  /** @param kept how many free ones are kept at most */
  constructor(bytes: number, kept: number) {
    this.#bytes = bytes;
    this.#kept = kept;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** Gives a buffer back that nobody holds any more. One of another size is let go. */
  give(buffer: Buffer): void {
    if (buffer.length === this.#bytes && this.#free.length < this.#kept) this.#free.push(buffer);
  }
}
