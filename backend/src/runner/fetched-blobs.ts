import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { BlobStore } from '../blobs/blob-store.ts';
import { inParallel } from '../in-parallel.ts';
import { blobKey } from '../store/run-keys.ts';
import type { HttpStore } from './http-store.ts';

/** A workspace's contents, brought from the store when they are asked for. */
export class FetchedBlobs extends BlobStore {
  readonly #store: HttpStore;
  readonly #tenant: string;

  /** @param folder one that no run before has had: what is in it is taken for what its name says */
  constructor(folder: string, store: HttpStore, tenant: string) {
    super(folder);
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
    await inParallel(needed, async (hash) => {
      const found = await this.#store.get(blobKey(this.#tenant, hash));
      if (found === undefined || found === 'unchanged') return;
      if (createHash('sha256').update(found.bytes).digest('hex') !== hash)
        throw new OffloadError('unknown-snapshot', `The content ${hash} is not what it is called.`);
      await mkdir(dirname(this.file(hash)), { recursive: true, mode: 0o700 });
      await writeFile(this.file(hash), found.bytes, { mode: 0o600 });
    });
  }
}
