import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { PutPart } from '../../../src/protocol/request.ts';
import { MAX_SNAPSHOT_FILE_BYTES } from '../../../src/protocol/snapshot.ts';
import { createFile } from '../create-file.ts';
import { systemCode, unlessDiskFull } from '../disk-full.ts';
import { inParallel } from '../in-parallel.ts';
import { Slices } from '../slices.ts';
import { pruneBlobs, type BlobBounds } from './prune-blobs.ts';
import { Uploads } from './uploads.ts';
import { wrongContent } from './wrong-content.ts';

/** Bytes that are written in one go without asking a thread. */
const SMALL_BYTES = 256 * 1024;
/** Bytes that come in before the store is looked through again for what may go. */
const PRUNE_EVERY = 1024 ** 3;
const INCOMING = 'incoming';
const writeAll = promisify(writeFile);

export interface BlobStoreOptions {
  /** Milliseconds after which an upload that nobody goes on with is given up. */
  idleMs?: number;
}

/**
 * Contents by their hash: `<folder>/ab/<rest of the hash>`. All runs of a user share them, and so do servers that run
 * side by side: a blob comes to be in one step, by a rename, and is never written again. What is asked for or used is
 * marked so by its time of modification and stays for an hour at least.
 */
export class BlobStore {
  readonly #folder: string;
  readonly #uploads: Uploads;
  #sincePrune = 0;

  constructor(folder: string, options: BlobStoreOptions = {}) {
    this.#folder = folder;
    this.#makeFolders();
    this.#uploads = new Uploads(join(folder, INCOMING), options.idleMs);
  }

  /** Where a blob is, if it is there. Its content is its name's, but for what a crash of the machine may have lost. */
  file(hash: string): string {
    return join(this.#folder, hash.slice(0, 2), hash.slice(2));
  }

  /** Which of these are not there. The others count as used now. */
  async missing(hashes: Iterable<string>): Promise<string[]> {
    const missing: string[] = [];
    const slices = new Slices();
    for (const hash of new Set(hashes)) {
      if (!this.#use(hash)) missing.push(hash);
      await slices.next();
    }
    return missing;
  }

  /**
   * Takes blobs, or parts of them in order. Of a blob whose parts do not fit, nothing stays.
   * @throws OffloadError `bad-request` for a part that does not begin where the one before has ended, or a content that
   * is not its hash's; `too-large`; `internal` where the disk is full
   */
  async put(parts: readonly PutPart[]): Promise<void> {
    try {
      this.#makeFolders();
      const isWhole = ({ offset, last }: PutPart): boolean => offset === 0 && last;
      await inParallel(parts.filter(isWhole), (part) => this.#take(part));
      for (const part of parts) if (!isWhole(part)) await this.#take(part);
    } catch (error) {
      throw unlessDiskFull(error, this.#folder);
    }
    if (this.#sincePrune > PRUNE_EVERY) await this.prune();
  }

  /**
   * A small blob's content, checked.
   * @throws OffloadError `unknown-blob` where it is not there or not whole, `too-large`
   */
  async read(hash: string, maxBytes: number): Promise<Buffer> {
    let bytes: Buffer;
    try {
      const file = await open(this.file(hash));
      try {
        if ((await file.stat()).size > maxBytes)
          throw new OffloadError('too-large', `Blob ${hash} is larger than ${String(maxBytes)} bytes.`);
        bytes = await file.readFile();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw systemCode(cause) === 'ENOENT'
        ? new OffloadError('unknown-blob', `There is no blob ${hash}.`, { cause })
        : cause;
    }
    if (createHash('sha256').update(bytes).digest('hex') === hash) return bytes;
    rmSync(this.file(hash), { force: true });
    throw new OffloadError('unknown-blob', `Blob ${hash} was not whole.`);
  }

  /** Whether a blob is what its name says. One that is not is removed, so that it is asked for again. */
  async check(hash: string): Promise<boolean> {
    const digest = createHash('sha256');
    const file = await open(this.file(hash));
    try {
      for await (const chunk of file.createReadStream({ autoClose: false })) digest.update(chunk as Buffer);
    } finally {
      await file.close();
    }
    if (digest.digest('hex') === hash) return true;
    rmSync(this.file(hash), { force: true });
    return false;
  }

  /** Forgets what has not been used for long, or is too much; and uploads that nobody goes on with. */
  async prune(bounds?: Partial<BlobBounds>): Promise<void> {
    this.#sincePrune = 0;
    await pruneBlobs(this.#folder, INCOMING, bounds);
  }

  /** Gives up uploads that are not whole. */
  dispose(): void {
    this.#uploads.dispose();
  }

  #makeFolders(): void {
    for (const each of [this.#folder, join(this.#folder, INCOMING)])
      mkdirSync(each, { recursive: true, mode: 0o700 });
  }

  /** Marks a blob as used now. False where it is not there. */
  #use(hash: string): boolean {
    const file = this.file(hash);
    // Most often asked of what is not there, which an error would make slow.
    if (!existsSync(file)) return false;
    try {
      const now = new Date();
      utimesSync(file, now, now);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #take({ hash, offset, base64, last }: PutPart): Promise<void> {
    if (this.#use(hash)) {
      this.#uploads.drop(hash);
      return;
    }
    const bytes = Buffer.from(base64, 'base64');
    if (offset + bytes.length > MAX_SNAPSHOT_FILE_BYTES) {
      this.#uploads.drop(hash);
      const most = String(MAX_SNAPSHOT_FILE_BYTES / 1024 ** 2);
      throw new OffloadError('too-large', `Blob ${hash} is larger than ${most} MB.`);
    }
    const whole =
      offset === 0 && last
        ? await this.#whole(hash, bytes)
        : await this.#uploads.add({ hash, offset, bytes, last });
    if (whole !== undefined) this.#keep(hash, whole);
    this.#sincePrune += bytes.length;
  }

  /** Writes a blob that came in one part; gives its file. */
  async #whole(hash: string, bytes: Buffer): Promise<string> {
    if (createHash('sha256').update(bytes).digest('hex') !== hash) throw wrongContent(hash);
    const file = join(this.#folder, INCOMING, randomBytes(16).toString('hex'));
    const fd = await createFile(file, 0o600);
    try {
      if (bytes.length <= SMALL_BYTES) writeFileSync(fd, bytes);
      else await writeAll(fd, bytes);
      return file;
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  #keep(hash: string, file: string): void {
    const place = this.file(hash);
    try {
      renameSync(file, place);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
      renameSync(file, place);
    }
  }
}
