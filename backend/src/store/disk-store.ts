import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import { systemCode } from '../disk-full.ts';
import {
  tooMuch,
  type Address,
  type Condition,
  type GetOptions,
  type Store,
  type StoreBody,
  type Stored,
  type StoredEntry,
} from './store.ts';

const INCOMING = '.incoming';
const LOCK = '.lock';

/** Milliseconds after which the lock of a process that has gone is taken over, and between two looks at one. */
const LOCK_TIME = 10_000;
const LOCK_INTERVAL = 2;

/** A store in a folder: a name is a path. Processes that share the folder share the store. */
export class DiskStore implements Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string, { ifNoneMatch, maxBytes }: GetOptions = {}): Promise<Stored | undefined> {
    const found = await this.#read(key, maxBytes);
    return found?.etag === ifNoneMatch ? undefined : found;
  }

  async look(key: string): Promise<StoredEntry | undefined> {
    const found = await this.#read(key);
    if (found === undefined) return undefined;
    return { key, etag: found.etag, size: found.bytes.length, modified: found.modified };
  }

  async put(key: string, body: StoreBody, condition?: Condition): Promise<string | undefined> {
    const place = this.#place(key);
    const incoming = await this.#write(body);
    try {
      const etag = tagOf(await readFile(incoming));
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      if (condition === undefined) await rename(incoming, place);
      else if ('ifMatch' in condition) return await this.#replace(key, incoming, condition.ifMatch, etag);
      // Unlike a rename it leaves alone what is there.
      else await link(incoming, place);
      return etag;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return undefined;
      throw error;
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async *list(prefix: string, after = ''): AsyncIterable<StoredEntry> {
    const names = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const keys = names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.#folder.length + 1))
      .filter((key) => key.startsWith(prefix) && key > after && !key.startsWith(INCOMING))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const key of keys) {
      const entry = await this.look(key);
      if (entry !== undefined) yield entry;
    }
  }

  now(): number {
    return Date.now();
  }

  async delete(key: string): Promise<void> {
    await rm(this.#place(key), { force: true });
  }

  presign(..._wish: Parameters<Store['presign']>): Promise<Address> {
    return Promise.reject(new OffloadError('not-supported', 'A store on a disk has no addresses.'));
  }

  async #read(key: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Stored | undefined> {
    try {
      const place = this.#place(key);
      const { size, mtimeMs } = await stat(place);
      if (size > maxBytes) throw tooMuch(key, maxBytes);
      const bytes = await readFile(place);
      return { bytes, etag: tagOf(bytes), modified: mtimeMs };
    } catch (error) {
      if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  async #write(body: StoreBody): Promise<string> {
    await mkdir(join(this.#folder, INCOMING), { recursive: true, mode: 0o700 });
    const file = join(this.#folder, INCOMING, randomBytes(16).toString('hex'));
    try {
      if (Buffer.isBuffer(body)) await writeFile(file, body, { mode: 0o600 });
      else await pipeline(Readable.from(body.read()), createWriteStream(file, { mode: 0o600 }));
      return file;
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  /** Comparing and replacing are one step among all that take the lock. */
  async #replace(key: string, incoming: string, ifMatch: string, etag: string): Promise<string | undefined> {
    const lock = join(this.#folder, INCOMING, LOCK + createHash('sha256').update(key).digest('hex'));
    for (;;) {
      try {
        await mkdir(lock);
        break;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
        // Of how many others it was held meanwhile does not matter: it is the one that is there now that is looked at.
        const now = Date.now();
        const made = await stat(lock).catch(() => undefined);
        if (made !== undefined && now - made.mtimeMs > LOCK_TIME) await unlock(lock);
        await delay(LOCK_INTERVAL);
      }
    }
    try {
      if ((await this.#read(key))?.etag !== ifMatch) return undefined;
      await rename(incoming, this.#place(key));
      return etag;
    } finally {
      await unlock(lock);
    }
  }

  /** @throws OffloadError `unsafe-path` */
  #place(key: string): string {
    if (key.split('/').every((part) => part !== '' && !part.startsWith('.'))) return join(this.#folder, key);
    throw new OffloadError('unsafe-path', `Nothing can be stored as ${JSON.stringify(key)}.`);
  }
}

const tagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

const unlock = (lock: string): Promise<void> => rmdir(lock).catch(() => undefined);
