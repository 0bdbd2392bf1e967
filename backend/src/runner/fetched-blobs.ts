import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createWriteStream, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import { BlobStore } from '../blobs/blob-store.ts';
import { unlessDiskFull } from '../disk-full.ts';
import { inParallel } from '../in-parallel.ts';
import { blobKey } from '../store/run-keys.ts';
import type { HttpStore } from './http-store.ts';

/** Contents that are brought at once: as many as there are connections. */
const AT_ONCE = 16;

/** A workspace's contents, brought from the store when they are asked for. */
export class FetchedBlobs extends BlobStore {
  readonly #store: HttpStore;
  readonly #tenant: string;
  readonly #folder: string;

  /** @param folder one that no run before has had: what is in it is taken for what its name says */
  constructor(folder: string, store: HttpStore, tenant: string) {
    super(folder);
    this.#folder = folder;
    this.#store = store;
    this.#tenant = tenant;
  }

  override async missing(hashes: Iterable<string>): Promise<string[]> {
    const wanted = [...new Set(hashes)];
    await this.#fetch(wanted);
    return super.missing(wanted);
  }

  override async read(hash: string, maxBytes: number): Promise<Buffer> {
    await this.#fetch([hash]);
    return super.read(hash, maxBytes);
  }

  async #fetch(hashes: readonly string[]): Promise<void> {
    const needed = hashes.filter((hash) => !existsSync(this.file(hash)));
    const keys = needed.map((hash) => blobKey(this.#tenant, hash));
    await this.#store.prepare(keys.map((key) => ({ method: 'GET', key })));
    await inParallel(needed, (hash) => this.#bring(hash), AT_ONCE);
  }

  async #bring(hash: string): Promise<void> {
    const file = this.file(hash);
    const part = `${file}.${randomBytes(4).toString('hex')}`;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      let found = '';
      const there = await this.#store.fetch(blobKey(this.#tenant, hash), async (body) => {
        const digest = createHash('sha256');
        await pipeline(
          body,
          async function* (chunks: AsyncIterable<Buffer>) {
            for await (const chunk of chunks) {
              digest.update(chunk);
              yield chunk;
            }
          },
          createWriteStream(part, { mode: 0o600 }),
        ).catch((error: unknown) => {
          throw unlessDiskFull(error, this.#folder);
        });
        found = digest.digest('hex');
      });
      if (!there) return;
      if (found !== hash)
        throw new OffloadError('unknown-snapshot', `The content ${hash} is not what it is called.`);
      await rename(part, file);
    } finally {
      await rm(part, { force: true });
    }
  }
}
