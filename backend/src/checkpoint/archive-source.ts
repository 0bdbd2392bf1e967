import { OffloadError } from '../../../src/protocol/error.ts';
import { MAX_LINE_CHARS } from './archive-entry.ts';

const LINE_FEED = 10;

/** Lines and contents, one after the other, of bytes that come cut anywhere. */
export class ArchiveSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @throws OffloadError `interrupted` where there is no whole one any more, `bad-frame` for one that is too long */
  async line(): Promise<string> {
    const parts: Buffer[] = [];
    for (let length = 0; ;) {
      const end = this.#rest.indexOf(LINE_FEED);
      if (end !== -1) {
        parts.push(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return Buffer.concat(parts).toString('utf8');
      }
      parts.push(this.#rest);
      length += this.#rest.length;
      if (length > MAX_LINE_CHARS)
        throw new OffloadError('bad-frame', 'A line of the checkpoint is too long.');
      await this.#more();
    }
  }

  /** So many bytes, as they come. @throws OffloadError `interrupted` where there are fewer */
  async *bytes(count: number): AsyncGenerator<Buffer, void, undefined> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) await this.#more();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Leaves the rest unread. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) throw new OffloadError('interrupted', 'The checkpoint is not whole.');
    const { buffer, byteOffset, length } = next.value;
    this.#rest = Buffer.from(buffer, byteOffset, length);
  }
}
