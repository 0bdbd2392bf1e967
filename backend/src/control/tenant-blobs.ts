import { createHash } from 'node:crypto';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { PutPart } from '../../../src/protocol/request.ts';
import { MAX_SNAPSHOT_FILE_BYTES } from '../../../src/protocol/snapshot.ts';
import { wrongContent } from '../blobs/wrong-content.ts';
import { inParallel } from '../in-parallel.ts';
import { blobKey } from '../store/run-keys.ts';
import type { Store, StoredEntry } from '../store/store.ts';

/** So many are asked for one by one; of more, a list is read. */
const FEW = 200;

/** Milliseconds after which a content is sent again, long before the store forgets it. */
const FRESH = 12 * 3600 * 1000;

/** A workspace's contents by their hash, in the store. */
export class TenantBlobs {
  readonly #store: Store;
  readonly #tenant: string;
  readonly #fresh: number;

  /** @param expireDays days after which the store forgets what was written */
  constructor(store: Store, tenant: string, expireDays: number) {
    this.#store = store;
    this.#tenant = tenant;
    this.#fresh = Math.max(FRESH, (expireDays * 24 * 3600 * 1000) / 2);
  }

  /** Which of these are not there, or not for long any more. */
  async missing(hashes: readonly string[]): Promise<string[]> {
    const wanted = [...new Set(hashes)];
    const there = new Set<string>();
    if (wanted.length <= FEW) {
      await inParallel(wanted, async (hash) => {
        if (await this.has(hash)) there.add(hash);
      });
    } else {
      for await (const entry of this.#store.list(this.key('')))
        if (this.#isFresh(entry)) there.add(entry.key.slice(this.key('').length));
    }
    return wanted.filter((hash) => !there.has(hash));
  }

  /** The name that a content has in the store. */
  key(hash: string): string {
    return blobKey(this.#tenant, hash);
  }

  async has(hash: string): Promise<boolean> {
    return (await this.find(hash))?.fresh === true;
  }

  /** What there is of a content; not fresh where the store is about to forget it. */
  async find(hash: string): Promise<{ etag: string; fresh: boolean } | undefined> {
    const entry = await this.#store.look(this.key(hash));
    return entry === undefined ? undefined : { etag: entry.etag, fresh: this.#isFresh(entry) };
  }

  /**
   * Takes contents, or parts of them in order. Of one whose parts do not fit, nothing stays.
   * @throws OffloadError `bad-request`, `too-large`; see `BlobStore.put`
   */
  async put(parts: readonly PutPart[]): Promise<void> {
    const isWhole = ({ offset, last }: PutPart): boolean => offset === 0 && last;
    await inParallel(parts.filter(isWhole), async ({ hash, base64 }) => {
      const bytes = Buffer.from(base64, 'base64');
      if (createHash('sha256').update(bytes).digest('hex') !== hash) throw wrongContent(hash);
      await this.#store.put(this.key(hash), bytes);
    });
    for (const part of parts) if (!isWhole(part)) await this.#takePart(part);
  }

  /** Parts wait in the store: the next one may come to another environment. */
  async #takePart({ hash, offset, base64, last }: PutPart): Promise<void> {
    if (await this.has(hash)) return;
    const bytes = Buffer.from(base64, 'base64');
    if (offset + bytes.length > MAX_SNAPSHOT_FILE_BYTES) {
      const most = String(MAX_SNAPSHOT_FILE_BYTES / 1024 ** 2);
      throw new OffloadError('too-large', `Blob ${hash} is larger than ${most} MB.`);
    }
    const before = await this.#partsBefore(hash, offset);
    if (before === undefined) {
      await this.#drop(hash);
      // Another client may have brought it meanwhile.
      if (await this.has(hash)) return;
      throw new OffloadError(
        'bad-request',
        `A part of blob ${hash} begins at byte ${String(offset)}, where no part before it has ended.`,
        { fix: 'Send the blob again from its beginning.' },
      );
    }
    if (last) await this.#join(hash, before, bytes, offset + bytes.length);
    else await this.#store.put(this.#partKey(hash, offset), bytes);
  }

  /** The parts that come one after the other up to a byte; undefined where they do not reach it. */
  async #partsBefore(hash: string, offset: number): Promise<string[] | undefined> {
    const sizes = new Map<string, number>();
    for await (const { key, size } of this.#store.list(this.#partKey(hash))) sizes.set(key, size);
    const keys: string[] = [];
    let at = 0;
    while (at < offset) {
      const key = this.#partKey(hash, at);
      const size = sizes.get(key) ?? 0;
      if (size === 0) return undefined;
      keys.push(key);
      at += size;
    }
    return at === offset ? keys : undefined;
  }

  async #join(hash: string, keys: readonly string[], end: Buffer, size: number): Promise<void> {
    const store = this.#store;
    async function* read(): AsyncGenerator<Buffer> {
      for (const key of keys) {
        const found = await store.get(key);
        if (found === undefined) throw wrongContent(hash);
        yield found.bytes;
      }
      yield end;
    }
    try {
      const digest = createHash('sha256');
      for await (const bytes of read()) digest.update(bytes);
      if (digest.digest('hex') !== hash) throw wrongContent(hash);
      await store.put(this.key(hash), { size, read });
    } catch (error) {
      if (!(await this.has(hash))) throw error;
    } finally {
      await this.#drop(hash);
    }
  }

  async #drop(hash: string): Promise<void> {
    for await (const { key } of this.#store.list(this.#partKey(hash))) await this.#store.delete(key);
  }

  #partKey(hash: string, offset?: number): string {
    const at = offset === undefined ? '' : String(offset).padStart(12, '0');
    // No tenant's name has a point.
    return `blobs/${this.#tenant}.parts/${hash}/${at}`;
  }

  #isFresh({ modified }: StoredEntry): boolean {
    return this.#store.now() - modified < this.#fresh;
  }
}
