import { OffloadError } from '../../protocol/error.ts';
import { MAX_HASHES, type PutPart } from '../../protocol/request.ts';
import type { Sandbox } from '../sandbox.ts';
import { sourceOf, type TakenSnapshot } from './taken-snapshot.ts';
import { partsOf, piecesOf, type Blob } from './upload-parts.ts';

/** Characters of the parts of a request at most: the smallest request that a target takes has 6 MB. */
const REQUEST_CHARACTERS = 4 * 1024 * 1024;

/** What a part takes besides its content. */
const PART_OVERHEAD = 150;

/** Requests that are under way at once. */
const LANES = 3;

/** Bytes from which on a content is sent as a whole, where the sandbox takes such, and how many of them at once. */
const WHOLE_BYTES = 1024 * 1024;
const WHOLE_LANES = 4;

/** Times that a snapshot is taken again because a file of it has changed before it was sent. */
const RETAKES = 3;

export interface UploadProgress {
  /** Bytes of contents that the sandbox has taken so far, and that it has to take in all. */
  readonly sent: number;
  readonly total: number;
}

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Is told at the beginning, after each request, and of contents that are sent as a whole while they are. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Takes the snapshot again, all that belongs to it (what is left out) included, where a file has changed meanwhile. */
  readonly retake?: (() => Promise<TakenSnapshot>) | undefined;
}

type Receiver = Pick<Sandbox, 'missing' | 'put' | 'putWhole'>;

/**
 * Sends what a sandbox does not have of a snapshot. When it is done, the sandbox has the whole of what is returned:
 * the snapshot that was given, or the one that was taken instead.
 * @throws OffloadError `conflict` naming a file that changes all the time; what the sandbox fails with; the signal's
 * reason. What has been sent by then need not be sent again.
 */
export async function upload(
  sandbox: Receiver,
  taken: TakenSnapshot,
  options: UploadOptions = {},
): Promise<TakenSnapshot> {
  for (let retakes = 0; ; retakes++) {
    try {
      await send(sandbox, taken, options);
      return taken;
    } catch (error) {
      const changed = error instanceof OffloadError && error.code === 'conflict';
      if (!changed || options.retake === undefined || retakes === RETAKES) throw error;
      taken = await options.retake();
    }
  }
}

async function send(
  sandbox: Receiver,
  taken: TakenSnapshot,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const blobs = await missingBlobs(sandbox, taken, signal);
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  let sent = 0;
  onProgress?.({ sent, total });
  const add = (bytes: number): void => {
    sent += bytes;
    onProgress?.({ sent, total });
  };
  // One that fails ends the others.
  const failed = new AbortController();
  const both = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const { putWhole } = sandbox;
  const isWhole = ({ size }: Blob): boolean => putWhole !== undefined && size > WHOLE_BYTES;
  const [large, small] = [blobs.filter(isWhole).values(), blobs.filter((blob) => !isWhole(blob)).values()];
  const failing = (error: unknown): never => {
    failed.abort(error);
    throw error;
  };
  const lane = async (): Promise<void> => {
    try {
      for (const parts of batches(small)) {
        both.throwIfAborted();
        await sandbox.put(parts, both);
        add(parts.reduce((sum, { base64 }) => sum + Buffer.byteLength(base64, 'base64'), 0));
      }
    } catch (error) {
      failing(error);
    }
  };
  const bring = async (blob: Blob): Promise<void> => {
    let reached = 0;
    const onSent = (bytes: number): void => {
      const more = bytes - reached;
      reached = bytes;
      if (more !== 0) add(more);
    };
    await putWhole?.({ hash: blob.hash, size: blob.size, pieces: () => piecesOf(blob), onSent }, both);
    // It may have been there.
    onSent(blob.size);
  };
  const wholeLane = async (): Promise<void> => {
    try {
      for (const blob of large) {
        both.throwIfAborted();
        await bring(blob);
      }
    } catch (error) {
      failing(error);
    }
  };
  const lanes = [...Array.from({ length: LANES }, lane), ...Array.from({ length: WHOLE_LANES }, wholeLane)];
  try {
    await Promise.all(lanes);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    // Nothing of it goes on when it has ended.
    await Promise.allSettled(lanes);
  }
}

/** What the sandbox does not have, the snapshot itself included, which comes last. */
async function missingBlobs(
  sandbox: Pick<Sandbox, 'missing'>,
  taken: TakenSnapshot,
  signal: AbortSignal | undefined,
): Promise<Blob[]> {
  const blobs = new Map<string, Blob>();
  for (const entry of taken.snapshot.entries) {
    if (entry.kind === 'link' || blobs.has(entry.hash)) continue;
    const { hash, size, path } = entry;
    blobs.set(hash, { hash, size, path, source: sourceOf(taken, path) });
  }
  const { hash, manifest } = taken;
  blobs.set(hash, { hash, size: manifest.length, path: '', source: { content: manifest } });
  const missing = new Set(await sandbox.missing([...blobs.keys()], signal));
  return [...blobs.values()].filter((blob) => missing.has(blob.hash));
}

/**
 * The parts of contents that are taken one by one from a queue, as requests take them. Several may draw from one queue:
 * the parts of one content come in order, from one of them.
 */
function* batches(queue: Iterator<Blob>): Generator<PutPart[]> {
  let batch: PutPart[] = [];
  let characters = 0;
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    for (const part of partsOf(next.value)) {
      const length = part.base64.length + PART_OVERHEAD;
      if (batch.length > 0 && (characters + length > REQUEST_CHARACTERS || batch.length === MAX_HASHES)) {
        yield batch;
        batch = [];
        characters = 0;
      }
      batch.push(part);
      characters += length;
    }
  }
  if (batch.length > 0) yield batch;
}
