import { existsSync } from 'node:fs';
import { OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import type { Request } from '../../../src/protocol/request.ts';
import { fileParts } from '../workspace/blob-parts.ts';
import type { BlobStore } from './blob-store.ts';

type Frames = AsyncIterable<Buffer>;
type Asked<Kind extends Request['kind']> = Extract<Request, { kind: Kind }>;

/** Answers `missing`. */
export async function* answerMissing(store: BlobStore | undefined, { hashes }: Asked<'missing'>): Frames {
  yield frame({ type: 'missing', hashes: await kept(store).missing(hashes) });
}

/** Answers `put`. */
export async function* answerPut(store: BlobStore | undefined, { parts }: Asked<'put'>): Frames {
  await kept(store).put(parts);
  yield frame({ type: 'done' });
}

/**
 * Answers `blob`: a run's content of that hash, which lies in `own`, or else one of a snapshot's.
 * @throws OffloadError `unknown-blob`
 */
export async function* answerBlob(
  store: BlobStore | undefined,
  own: string,
  { runId, hash }: Asked<'blob'>,
): Frames {
  const file = store === undefined || existsSync(own) ? own : store.file(hash);
  try {
    for await (const part of fileParts(file)) yield frame({ type: 'blob', ...part });
  } catch (cause) {
    throw new OffloadError('unknown-blob', `Run ${runId} has no content ${hash}.`, { cause });
  }
}

/** @throws OffloadError `not-supported` for a target without a store */
function kept(store: BlobStore | undefined): BlobStore {
  if (store !== undefined) return store;
  throw new OffloadError('not-supported', 'This target keeps no files from one request to the next.');
}

const frame = (value: object): Buffer => Buffer.from(encodeFrame(value));
