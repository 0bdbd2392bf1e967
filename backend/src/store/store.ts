import { OffloadError } from '../../../src/protocol/error.ts';

/** What a name holds: its bytes, a tag that another content would not have, and when it was written by the store's clock. */
export interface Stored {
  bytes: Buffer;
  etag: string;
  /** Milliseconds since 1970. */
  modified: number;
}

export interface StoredEntry {
  key: string;
  etag: string;
  size: number;
  modified: number;
}

/** What is written: bytes, or more than fits in memory, which is read again when it has to be sent again. */
export type StoreBody = Buffer | { size: number; read: () => AsyncIterable<Uint8Array> };

/** On what a write depends: that there is nothing of that name, or that there is what has this tag. */
export type Condition = { ifNoneMatch: '*' } | { ifMatch: string };

/** A request that whoever has it may make, without credentials of their own, until it expires. */
export interface Address {
  method: 'GET' | 'PUT';
  url: string;
  /** Those it has to carry as they are. */
  headers: Readonly<Record<string, string>>;
}

export interface GetOptions {
  ifNoneMatch?: string | undefined;
  /** For what a run's code may have a hand in: all that is read is in memory at once. */
  maxBytes?: number;
}

/**
 * Contents by their names, as an object store keeps them: a write is there as a whole or not at all, whoever reads after
 * it sees it, and of several writes with one condition a single one succeeds.
 *
 * All reject with an OffloadError: `no-backend` where the store is gone, `unauthorized`, `interrupted` where asking again
 * may help.
 */
export interface Store {
  /**
   * Undefined where there is nothing, or nothing else than what has the tag `ifNoneMatch`.
   * @throws OffloadError `too-large` for more than `maxBytes`, of which nothing is read then
   */
  get(key: string, options?: GetOptions): Promise<Stored | undefined>;
  /** What {@link get} would say of it, but for the bytes. */
  look(key: string): Promise<StoredEntry | undefined>;
  /**
   * The new tag; undefined where the condition does not hold. Whoever asks again after a failure may find that their own
   * write was carried out.
   */
  put(key: string, body: StoreBody, condition?: Condition): Promise<string | undefined>;
  /** The names with a prefix, in the order of their characters, from the one after `after`. */
  list(prefix: string, after?: string): AsyncIterable<StoredEntry>;
  /**
   * Milliseconds since 1970 by the clock that tells when something was written, as far as is known: an answer that was had
   * lately says it.
   */
  now(): number;
  /** Nothing where there is nothing. */
  delete(key: string): Promise<void>;
  /**
   * @param condition what the write depends on; it cannot be left out by whoever has the address
   * @param sha256 of what may be written, in hex: the store refuses (400) what has another
   */
  presign(
    method: Address['method'],
    key: string,
    seconds: number,
    condition?: Condition,
    sha256?: string,
  ): Promise<Address>;
}

export const tooMuch = (key: string, maxBytes: number): OffloadError =>
  new OffloadError('too-large', `${key} holds more than ${String(maxBytes)} bytes.`);

export const bodySize = (body: StoreBody): number => (Buffer.isBuffer(body) ? body.length : body.size);
