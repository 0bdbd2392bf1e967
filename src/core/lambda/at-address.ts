import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type * as z from 'zod/mini';
import { MAX_PART_BYTES } from '../../protocol/frame.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { NamedAddress } from '../../protocol/lambda.ts';
import type { blobReplySchema } from '../../protocol/reply.ts';
import type { WholeContent } from '../whole-content.ts';

/** Milliseconds in which nothing goes either way, after which the connection is given up. */
const SILENCE = 60_000;

/** The condition of an address does not hold: somebody else has brought the content. */
const THERE = 412;

/**
 * Puts a content at an address of the store, as its pieces are read.
 * @throws OffloadError `interrupted`, what the pieces fail with, the signal's reason
 */
export async function putAt(
  address: NamedAddress,
  content: Pick<WholeContent, 'size' | 'pieces' | 'onSent'>,
  signal?: AbortSignal,
): Promise<void> {
  const answer = await exchange(address, content, signal);
  // An answer that comes before all was sent is the end of it: the rest is neither read nor sent.
  if (answer.req.writableFinished) answer.resume();
  else answer.req.destroy();
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status !== THERE) throw answered(status);
}

/**
 * What is at an address, as the parts of an answer to `blob`.
 * @param from bytes of it that are known already
 * @throws OffloadError `interrupted`
 */
export async function* partsAt(
  address: NamedAddress,
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<z.infer<typeof blobReplySchema>, void, undefined> {
  const answer = await exchange(address, undefined, signal);
  // A part of what is there is what was asked for, where it is one.
  if (answer.statusCode !== ('range' in address.headers ? 206 : 200)) {
    answer.resume();
    throw answered(answer.statusCode ?? 0);
  }
  try {
    let known = from;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const begin = Math.min(known, chunk.length);
      known -= begin;
      for (let at = begin; at < chunk.length; at += MAX_PART_BYTES) {
        const base64 = chunk.subarray(at, at + MAX_PART_BYTES).toString('base64');
        yield { type: 'blob', base64, last: false };
      }
    }
  } catch (cause) {
    throw broken(cause, signal);
  }
  yield { type: 'blob', base64: '', last: true };
}

/** The address is as good as a key: no error names it. */
const answered = (status: number): OffloadError =>
  new OffloadError('interrupted', `The store of the backend answered ${String(status)}.`);

function broken(cause: unknown, signal?: AbortSignal): unknown {
  signal?.throwIfAborted();
  if (cause instanceof OffloadError) return cause;
  return new OffloadError('interrupted', 'The connection to the store of the backend failed.', { cause });
}

/** One request, of a known length as the store wants it, and the beginning of its answer. */
async function exchange(
  { method, url, headers }: NamedAddress,
  content: Pick<WholeContent, 'size' | 'pieces' | 'onSent'> | undefined,
  signal?: AbortSignal,
): Promise<IncomingMessage & { req: ClientRequest }> {
  // The request is broken off by it, and tells of that alone.
  let unread: unknown;
  try {
    signal?.throwIfAborted();
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, {
      method,
      headers: { ...headers, ...(content === undefined ? {} : { 'content-length': content.size }) },
      timeout: SILENCE,
      ...(signal === undefined ? {} : { signal }),
    });
    request.once('timeout', () => request.destroy(new Error('nothing was said for long')));
    const begun = new Promise<IncomingMessage & { req: ClientRequest }>((resolve, reject) => {
      request.on('error', reject).once('response', resolve);
    });
    begun.catch(() => undefined);
    if (content === undefined) request.end();
    else {
      const pieces = counted(content, (error) => (unread = error));
      const body = Readable.from(pieces, { highWaterMark: 1 });
      // An answer may come before all was sent.
      await Promise.race([pipeline(body, request).catch(() => undefined), begun]);
    }
    return await begun;
  } catch (cause) {
    throw broken(unread ?? cause, signal);
  }
}

function* counted(
  { pieces, onSent }: Pick<WholeContent, 'pieces' | 'onSent'>,
  onError: (error: unknown) => void,
): Generator<Uint8Array> {
  let sent = 0;
  try {
    for (const piece of pieces()) {
      yield piece;
      sent += piece.length;
      onSent?.(sent);
    }
  } catch (error) {
    onError(error);
    throw error;
  }
}
