import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { OffloadError } from '../../../src/protocol/error.ts';
import { S3Addresses } from './s3-addresses.ts';
import type * as S3 from './s3-sdk.ts';
import {
  bodySize,
  type Address,
  type Condition,
  type GetOptions,
  type Store,
  type StoreBody,
  type StoredEntry,
  tooMuch,
} from './store.ts';

export interface S3StoreOptions {
  bucket: string;
  /** The account that the bucket has to belong to. */
  owner: string;
  client?: S3ClientConfig;
}

type Sdk = typeof S3 & { client: S3.S3Client; addresses: S3Addresses };

/** Milliseconds that two clocks seem apart which are not. */
const CLOCK_GRAIN = 2000;

/** Milliseconds between tries where others write the same name at once (409). */
const CONFLICT_DELAYS = [10, 50, 200, 800];

/**
 * A store in a bucket of Amazon S3. Conditional writes: user guide, "How to prevent object overwrites with conditional
 * writes": 412 where the condition does not hold, 409 where another write is under way.
 */
export class S3Store implements Store {
  readonly #options: S3StoreOptions;
  #sdk: Promise<Sdk> | undefined;
  /** Milliseconds that S3's clock is ahead of this machine's. */
  #ahead = 0;

  constructor(options: S3StoreOptions) {
    this.#options = options;
  }

  async get(key: string, { ifNoneMatch, maxBytes = Number.POSITIVE_INFINITY }: GetOptions = {}) {
    const { client, GetObjectCommand } = await this.#load();
    try {
      const command = new GetObjectCommand({ ...this.#at(key), IfNoneMatch: ifNoneMatch });
      const { Body, ETag = '', LastModified, ContentLength = 0 } = await client.send(command);
      if (ContentLength > maxBytes) {
        if (Body instanceof Readable) Body.destroy();
        throw tooMuch(key, maxBytes);
      }
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      return { bytes, etag: ETag, modified: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (error instanceof OffloadError) throw error;
      if (statusOf(error) === 304 || nameOf(error) === 'NoSuchKey') return undefined;
      throw this.#inWords(error);
    }
  }

  async look(key: string): Promise<StoredEntry | undefined> {
    const { client, HeadObjectCommand } = await this.#load();
    try {
      const {
        ETag = '',
        ContentLength = 0,
        LastModified,
      } = await client.send(new HeadObjectCommand(this.#at(key)));
      return { key, etag: ETag, size: ContentLength, modified: LastModified?.getTime() ?? 0 };
    } catch (error) {
      // An answer to HEAD has no body, and names no error.
      if (statusOf(error) === 404) return undefined;
      throw this.#inWords(error);
    }
  }

  async put(key: string, body: StoreBody, condition?: Condition): Promise<string | undefined> {
    const { client, PutObjectCommand } = await this.#load();
    for (let attempt = 0; ; attempt++) {
      try {
        const command = new PutObjectCommand({
          ...this.#at(key),
          ...conditionOf(condition),
          Body: Buffer.isBuffer(body) ? body : Readable.from(body.read()),
          ContentLength: bodySize(body),
        });
        return (await client.send(command)).ETag ?? '';
      } catch (error) {
        if (statusOf(error) === 412) return undefined;
        // What was to be replaced is gone.
        if (condition !== undefined && 'ifMatch' in condition && nameOf(error) === 'NoSuchKey')
          return undefined;
        const wait = CONFLICT_DELAYS[attempt];
        if (statusOf(error) !== 409 || wait === undefined) throw this.#inWords(error);
        await delay(wait);
      }
    }
  }

  async *list(prefix: string, after?: string): AsyncIterable<StoredEntry> {
    const { client, ListObjectsV2Command } = await this.#load();
    const { bucket, owner } = this.#options;
    let from = after;
    for (;;) {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        ExpectedBucketOwner: owner,
        Prefix: prefix,
        StartAfter: from,
      });
      const { Contents = [], IsTruncated } = await client.send(command).catch((error: unknown) => {
        throw this.#inWords(error);
      });
      for (const { Key = '', ETag = '', Size = 0, LastModified } of Contents) {
        yield { key: Key, etag: ETag, size: Size, modified: LastModified?.getTime() ?? 0 };
        from = Key;
      }
      if (IsTruncated !== true || Contents.length === 0) return;
    }
  }

  now(): number {
    return Date.now() + this.#ahead;
  }

  async delete(key: string): Promise<void> {
    const { client, DeleteObjectCommand } = await this.#load();
    await client.send(new DeleteObjectCommand(this.#at(key))).catch((error: unknown) => {
      throw this.#inWords(error);
    });
  }

  async presign(
    method: Address['method'],
    key: string,
    seconds: number,
    condition?: Condition,
    sha256?: string,
  ): Promise<Address> {
    const { addresses } = await this.#load();
    return addresses.sign({ method, key, seconds, condition, sha256 });
  }

  #at(key: string) {
    const { bucket, owner } = this.#options;
    return { Bucket: bucket, Key: key, ExpectedBucketOwner: owner };
  }

  /** The SDK is large: it is loaded when it is used. */
  #load(): Promise<Sdk> {
    this.#sdk ??= import('./s3-sdk.ts').then((sdk) => {
      const client = new sdk.S3Client({
        // A presigned write would have to carry the checksum of a content that is not known yet.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        ...this.#options.client,
      });
      this.#readClock(client);
      return { ...sdk, client, addresses: new S3Addresses(sdk, client, this.#options) };
    });
    return this.#sdk;
  }

  /** Each answer says when it was given, in whole seconds. */
  #readClock({ middlewareStack }: S3.S3Client): void {
    middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers = {} } = result.response as { headers?: Record<string, string> };
        const ahead = Date.parse(headers['date'] ?? '') - Date.now();
        // Less is what a second's fraction and the way here take.
        if (Number.isFinite(ahead)) this.#ahead = Math.abs(ahead) < CLOCK_GRAIN ? 0 : ahead;
        return result;
      },
      { step: 'deserialize', name: 'offloadClock', priority: 'low' },
    );
  }

  #inWords(error: unknown): OffloadError {
    const { bucket } = this.#options;
    const cause = error;
    switch (nameOf(error)) {
      case 'NoSuchBucket':
        return new OffloadError('no-backend', `The bucket ${bucket} of the backend is gone.`, {
          fix: 'Deploy the backend again.',
          cause,
        });
      case 'AccessDenied':
      case 'Forbidden':
        return new OffloadError('unauthorized', `AWS refuses access to the bucket ${bucket}.`, {
          fix: `See that it belongs to account ${this.#options.owner}, or deploy the backend again.`,
          cause,
        });
    }
    const why = error instanceof Error ? error.message : String(error);
    return new OffloadError('interrupted', `The store did not answer as it should: ${why}`, { cause });
  }
}

const conditionOf = (condition: Condition | undefined) =>
  condition === undefined
    ? {}
    : 'ifMatch' in condition
      ? { IfMatch: condition.ifMatch }
      : { IfNoneMatch: '*' };

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
