import { createHash, randomBytes, type Hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { wrongContent } from './wrong-content.ts';

/** Milliseconds after which an upload counts as given up. */
const IDLE = 10 * 60_000;

export interface UploadPart {
  hash: string;
  offset: number;
  bytes: Buffer;
  last: boolean;
}

interface Upload {
  file: string;
  length: number;
  digest: Hash;
  usedAt: number;
}

/**
 * Blobs that come in several parts. Two clients may bring the same one at the same time: each has an upload of its own,
 * which a part continues that begins where it has ended. Contents of one hash are equal, so it does not matter whose.
 */
export class Uploads {
  readonly #folder: string;
  readonly #idleMs: number;
  readonly #open = new Map<string, Upload[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, idleMs = IDLE) {
    this.#folder = folder;
    this.#idleMs = idleMs;
  }

  /**
   * Adds a part. The last one gives the file, whose content is its hash's; it is the caller's then.
   * @throws OffloadError `bad-request`: nothing of that upload stays
   */
  async add({ hash, offset, bytes, last }: UploadPart): Promise<string | undefined> {
    const upload = offset === 0 ? this.#begin() : this.#take(hash, offset);
    try {
      // Nobody else has it while it is written to.
      const file = await open(upload.file, offset === 0 ? 'wx' : 'a', 0o600);
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      upload.digest.update(bytes);
      if (last && upload.digest.digest('hex') !== hash) throw wrongContent(hash);
    } catch (error) {
      rmSync(upload.file, { force: true });
      throw error;
    }
    if (last) return upload.file;
    upload.length += bytes.length;
    upload.usedAt = Date.now();
    this.#open.set(hash, [...(this.#open.get(hash) ?? []), upload]);
    this.#sweepLater();
    return undefined;
  }

  /** Gives up what there is of a blob. */
  drop(hash: string): void {
    for (const { file } of this.#open.get(hash) ?? []) rmSync(file, { force: true });
    this.#open.delete(hash);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const hash of [...this.#open.keys()]) this.drop(hash);
  }

  #begin(): Upload {
    const file = join(this.#folder, randomBytes(16).toString('hex'));
    return { file, length: 0, digest: createHash('sha256'), usedAt: Date.now() };
  }

  #take(hash: string, offset: number): Upload {
    const uploads = this.#open.get(hash) ?? [];
    const found = uploads.find(({ length }) => length === offset);
    if (found === undefined) {
      // Whoever sent this part has lost its place: with one upload, that one cannot be gone on with.
      if (uploads.length === 1) this.drop(hash);
      throw new OffloadError(
        'bad-request',
        `A part of blob ${hash} begins at byte ${String(offset)}, where no part before it has ended.`,
        { fix: 'Send the blob again from its beginning.' },
      );
    }
    this.#open.set(
      hash,
      uploads.filter((each) => each !== found),
    );
    return found;
  }

  #sweepLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sweep();
      if (this.#open.size > 0) this.#sweepLater();
    }, this.#idleMs).unref();
  }

  #sweep(): void {
    const latest = Date.now() - this.#idleMs;
    for (const [hash, uploads] of this.#open) {
      const kept = uploads.filter(({ usedAt }) => usedAt > latest);
      for (const { file } of uploads.filter((each) => !kept.includes(each))) rmSync(file, { force: true });
      if (kept.length > 0) this.#open.set(hash, kept);
      else this.#open.delete(hash);
    }
  }
}
