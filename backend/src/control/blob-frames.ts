import { OffloadError } from '../../../src/protocol/error.ts';
import { contentsIndexSchema } from '../../../src/protocol/lambda.ts';
import { encodeFrame, MAX_PART_BYTES } from '../../../src/protocol/frame.ts';
import { runKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Bytes of a content that is sent as part of an answer; a larger one is to be had by an address. */
const MAX_INLINE_BYTES = 5 * 1024 * 1024;

const SECONDS = 900;

/** Bytes of the list of contents that are kept together: some hundred thousand of them. */
const MAX_INDEX_BYTES = 32 * 1024 * 1024;

/**
 * A content as the answer to `blob`: the first of these names that is there.
 * @throws OffloadError `unknown-blob`
 */
export async function* blobFrames(
  store: Store,
  keys: readonly string[],
  { runId, hash }: { runId: string; hash: string },
): AsyncGenerator<Buffer, void, undefined> {
  for (const key of keys) {
    const entry = await store.look(key);
    if (entry === undefined) continue;
    if (entry.size > MAX_INLINE_BYTES) {
      const expires = Date.now() + SECONDS * 1000;
      const address = await store.presign('GET', key, SECONDS);
      yield frame({ type: 'address', address: { ...address, key, expires } });
      return;
    }
    const found = await store.get(key);
    if (found === undefined) continue;
    for (let at = 0; at < found.bytes.length; at += MAX_PART_BYTES) {
      const base64 = found.bytes.subarray(at, at + MAX_PART_BYTES).toString('base64');
      yield frame({ type: 'blob', base64, last: false });
    }
    yield frame({ type: 'blob', base64: '', last: true });
    return;
  }
  const part = await partOf(store, runId, hash);
  if (part !== undefined) {
    yield frame(part);
    return;
  }
  throw new OffloadError('unknown-blob', `Run ${runId} has no content ${hash}.`);
}

/** Where a content is that is kept with others. */
async function partOf(store: Store, runId: string, hash: string): Promise<object | undefined> {
  const keys = runKeys(runId);
  const found = await store.get(keys.contentsIndex, { maxBytes: MAX_INDEX_BYTES });
  if (found === undefined) return undefined;
  const [from, size] = contentsIndexSchema.parse(JSON.parse(found.bytes.toString()))[hash] ?? [];
  if (from === undefined || size === undefined) return undefined;
  if (size === 0) return { type: 'blob', base64: '', last: true };
  const address = await store.presign('GET', keys.contents, SECONDS);
  const range = `bytes=${String(from)}-${String(from + size - 1)}`;
  const headers = { ...address.headers, range };
  const expires = Date.now() + SECONDS * 1000;
  return { type: 'address', address: { ...address, headers, key: keys.contents, expires } };
}

const frame = (value: object): Buffer => Buffer.from(encodeFrame(value));
