import { createHash } from 'node:crypto';
import * as client from '@aws-sdk/client-s3';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { s3Wire } from './rest-xml.ts';
import type { Service } from './service.ts';

interface Stored {
  body: Buffer;
  etag: string;
  time: Date;
}

/** One bucket: its owner's account and what lies in it. */
export interface Bucket {
  owner: string;
  objects: Map<string, Stored>;
  /** Whether its owner lets everybody in. */
  open?: boolean;
}

interface Named {
  Bucket: string;
  Key: string;
  ExpectedBucketOwner?: string;
}

/** Amazon S3, as far as a deploy and the store need it. */
export class S3 implements Service {
  readonly name = 's3';
  readonly wire = s3Wire(client, [
    'HeadObject',
    'GetObject',
    'PutObject',
    'DeleteObject',
    'ListObjectVersions',
    'ListObjectsV2',
    'DeleteObjects',
  ]);
  readonly buckets = new Map<string, Bucket>();
  /** Keys that cannot be removed, and why; `times` is how often, once by default. */
  readonly refused = new Map<string, { Code: string; Message: string; times?: number }>();
  /** How many a listing gives at once. */
  pageSize = 1000;
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  create(name: string, owner = this.#account.id): void {
    if (this.buckets.has(name)) throw new AwsError('BucketAlreadyExists', name, 409);
    this.buckets.set(name, { owner, objects: new Map() });
  }

  readonly operations = {
    HeadObject: (input: Named) => {
      const { body, etag } = this.#object('s3:GetObject', input, 'NotFound');
      return { ETag: etag, ContentLength: body.length };
    },
    GetObject: (input: Named) => {
      const { body, etag } = this.#object('s3:GetObject', input, 'NoSuchKey');
      return { Body: body, ETag: etag };
    },
    PutObject: (input: Named & { Body: Buffer; IfNoneMatch?: string; IfMatch?: string }) => {
      this.#may('s3:PutObject', `${input.Bucket}/${input.Key}`);
      const { objects } = this.#bucket(input);
      const there = objects.get(input.Key);
      if (input.IfNoneMatch === '*' && there !== undefined) throw failedPrecondition();
      if (input.IfMatch !== undefined && there?.etag !== input.IfMatch) throw failedPrecondition();
      const etag = `"${createHash('md5').update(input.Body).digest('hex')}"`;
      objects.set(input.Key, { body: input.Body, etag, time: new Date() });
      return { ETag: etag };
    },
    DeleteObject: (input: Named) => {
      this.#may('s3:DeleteObject', `${input.Bucket}/${input.Key}`);
      this.#bucket(input).objects.delete(input.Key);
      return {};
    },
    ListObjectsV2: (input: Named & { Prefix?: string; ContinuationToken?: string; StartAfter?: string }) => {
      this.#may('s3:ListBucket', input.Bucket, { 's3:prefix': input.Prefix ?? '' });
      const after = input.ContinuationToken ?? input.StartAfter ?? '';
      const { objects } = this.#bucket(input);
      const { keys, more } = this.#list(input, after);
      return {
        Name: input.Bucket,
        IsTruncated: more,
        KeyCount: keys.length,
        Contents: keys.map((Key) => ({ Key, LastModified: objects.get(Key)?.time })),
        ...(more ? { NextContinuationToken: keys.at(-1) } : {}),
      };
    },
    ListObjectVersions: (input: Named & { Prefix?: string; KeyMarker?: string }) => {
      this.#may('s3:ListBucketVersions', input.Bucket);
      const { keys, more } = this.#list(input, input.KeyMarker ?? '');
      const Versions = keys.map((Key) => ({ Key, VersionId: 'null', IsLatest: true }));
      const next = more ? { NextKeyMarker: keys.at(-1), NextVersionIdMarker: 'null' } : {};
      return { Name: input.Bucket, IsTruncated: more, Versions, ...next };
    },
    DeleteObjects: (input: Named & { Delete: { Objects: { Key: string; VersionId?: string }[] } }) => {
      const { objects } = this.#bucket(input);
      const Errors: client._Error[] = [];
      for (const { Key, VersionId } of input.Delete.Objects) {
        this.#may(
          VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
          `${input.Bucket}/${Key}`,
        );
        const refusal = this.refused.get(Key);
        if (refusal !== undefined) {
          const { Code, Message, times = 1 } = refusal;
          Errors.push({ Key, Code, Message });
          if (times <= 1) this.refused.delete(Key);
          else this.refused.set(Key, { ...refusal, times: times - 1 });
          continue;
        }
        objects.delete(Key);
      }
      if (Errors.length > 0) return { Errors };
      return { Deleted: input.Delete.Objects.map(({ Key }) => ({ Key })) };
    },
  };

  #list(input: Named & { Prefix?: string }, after: string): { keys: string[]; more: boolean } {
    const { objects } = this.#bucket(input);
    const all = [...objects.keys()].filter((key) => key.startsWith(input.Prefix ?? '') && key > after).sort();
    return { keys: all.slice(0, this.pageSize), more: all.length > this.pageSize };
  }

  #object(action: string, input: Named, absent: string): Stored {
    this.#may(action, `${input.Bucket}/${input.Key}`);
    const object = this.#bucket(input).objects.get(input.Key);
    if (object === undefined) throw new AwsError(absent, 'The specified key does not exist.', 404);
    return object;
  }

  #bucket({ Bucket, ExpectedBucketOwner }: Named): Bucket {
    const bucket = this.buckets.get(Bucket);
    if (bucket === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    const meant = ExpectedBucketOwner ?? bucket.owner;
    const letIn = bucket.owner === this.#account.id || bucket.open === true;
    if (meant !== bucket.owner || !letIn) throw new AwsError('AccessDenied', 'Access Denied', 403);
    return bucket;
  }

  #may(action: string, resource: string, context?: Record<string, string>): void {
    this.#account.use(action, `arn:aws:s3:::${resource}`, context);
  }
}

const failedPrecondition = (): AwsError =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
