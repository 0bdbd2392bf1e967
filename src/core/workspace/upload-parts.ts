import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { PutPart } from '../../protocol/request.ts';
import { OPEN_FILE } from '../changes/open-flags.ts';
import { changedSince } from './changed-since.ts';
import type { Source } from './taken-snapshot.ts';

/** Raw bytes of a part at most. */
const PART_BYTES = 1024 * 1024;

/** A content to be sent. */
export interface Blob {
  readonly hash: string;
  readonly size: number;
  readonly source: Source;
  /** The path in the snapshot that it was found at, for messages. */
  readonly path: string;
}

/** The parts of a content, in order. @throws as {@link piecesOf} */
export function* partsOf(blob: Blob): Generator<PutPart> {
  const { hash, size } = blob;
  let offset = 0;
  for (const bytes of piecesOf(blob)) {
    const last = offset + bytes.length === size;
    yield { hash, offset, base64: bytes.toString('base64'), last };
    offset += bytes.length;
  }
}

/**
 * A content in pieces, one at least; the last one comes only when all of them together are what the hash says.
 * @throws OffloadError `conflict` for a file that is not what it was any more
 */
export function* piecesOf({ hash, size, source, path }: Blob): Generator<Buffer<ArrayBuffer>> {
  const file = 'content' in source ? undefined : openAgain(source.place, path);
  try {
    const sum = createHash('sha256');
    let offset = 0;
    do {
      const length = Math.min(PART_BYTES, size - offset);
      const bytes =
        'content' in source
          ? Buffer.from(source.content.subarray(offset, offset + length))
          : readAt(file, offset, length);
      sum.update(bytes);
      offset += bytes.length;
      if (bytes.length < length || (offset === size && sum.digest('hex') !== hash)) throw changedSince(path);
      yield bytes;
    } while (offset < size);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function openAgain(place: string, path: string): number {
  try {
    const file = openSync(place, OPEN_FILE);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (cause) {
    throw changedSince(path, cause);
  }
  throw changedSince(path);
}

function readAt(file: number | undefined, offset: number, length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (file !== undefined && filled < length) {
    const read = readSync(file, bytes, filled, length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
