import { OffloadError } from '../../../src/protocol/error.ts';
import type { NamedAddress } from '../../../src/protocol/lambda.ts';
import { MAX_REQUEST_BYTES } from '../../../src/protocol/request.ts';
import { MAX_SNAPSHOT_FILE_BYTES } from '../../../src/protocol/snapshot.ts';
import { blobKey } from '../store/run-keys.ts';
import type { Condition, Store } from '../store/store.ts';
import type { TenantBlobs } from './tenant-blobs.ts';

/** Seconds in which a large content can be brought. */
const UPLOAD_SECONDS = 900;

/**
 * The answer to `upload`: where a content can be put. The store takes it alone, and once, unless it is about to be forgotten.
 * @throws OffloadError `too-large`
 */
export async function uploadReply(
  store: Pick<Store, 'presign'>,
  blobs: TenantBlobs,
  { hash, size }: { hash: string; size: number },
): Promise<{ type: 'done' } | { type: 'address'; address: NamedAddress }> {
  if (size > MAX_SNAPSHOT_FILE_BYTES) {
    const most = `${String(MAX_SNAPSHOT_FILE_BYTES / 1024 ** 2)} MB`;
    throw new OffloadError('too-large', `A content of ${String(size)} bytes is more than ${most}.`);
  }
  const found = await blobs.find(hash);
  if (found?.fresh === true) return { type: 'done' };
  const condition: Condition = found === undefined ? { ifNoneMatch: '*' } : { ifMatch: found.etag };
  const key = blobs.key(hash);
  const expires = Date.now() + UPLOAD_SECONDS * 1000;
  const address = await store.presign('PUT', key, UPLOAD_SECONDS, condition, hash);
  return { type: 'address', address: { ...address, key, expires } };
}

/**
 * A request that was too large to be sent as one.
 * @throws OffloadError `too-large`, `unknown-blob`, `bad-request`
 */
export async function storedRequest(
  store: Pick<Store, 'get'>,
  tenant: string,
  { hash, access }: { hash: string; access?: unknown },
): Promise<unknown> {
  const found = await store
    .get(blobKey(tenant, hash), { maxBytes: MAX_REQUEST_BYTES })
    .catch((error: unknown) => {
      if (!(error instanceof OffloadError && error.code === 'too-large')) throw error;
      throw new OffloadError('too-large', 'The request that was stored is too large.', { cause: error });
    });
  if (found === undefined)
    throw new OffloadError('unknown-blob', 'The request that was stored is not there.', {
      fix: 'Send it again.',
    });
  const request = parsed(found.bytes);
  return access === undefined ? request : { ...request, access };
}

function parsed(bytes: Buffer): object {
  try {
    return JSON.parse(bytes.toString()) as object;
  } catch (cause) {
    throw new OffloadError('bad-request', 'The request that was stored is not valid: it is no JSON.', {
      cause,
    });
  }
}
