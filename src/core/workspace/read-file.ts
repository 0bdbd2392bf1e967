import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { OPEN_FILE } from '../changes/open-flags.ts';
import type { Pace } from './pace.ts';

/** Bytes that are read in one call. */
const CHUNK_BYTES = 1024 * 1024;

/** Times that a file is read which changes meanwhile. */
const TRIES = 3;

/** One buffer for all reads: nobody else runs between a read and the use of what was read. */
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

export interface ReadFile {
  /** SHA-256, in lower-case hexadecimal. */
  readonly hash: string;
  /** Bytes that were read and hashed. */
  readonly size: number;
  readonly stats: Stats;
  /** Whether it was the same before and after. */
  readonly stable: boolean;
  /** The content of a file that never was, where it is small. */
  readonly content?: Buffer | undefined;
}

/**
 * Hashes a file as it is: once more where it changes meanwhile. One that changes all the time is taken as it was last
 * read. Undefined for what is no plain file (any more); a link is not followed.
 * @throws the system's error; what `accept` throws when given the size, before a byte is read
 */
export async function readStable(
  place: string,
  accept: (size: number) => void,
  pace: Pace,
): Promise<ReadFile | undefined> {
  const file = openSync(place, OPEN_FILE);
  try {
    for (let tries = 1; ; tries++) {
      const stats = fstatSync(file);
      if (!stats.isFile()) return undefined;
      accept(stats.size);
      const small = stats.size <= CHUNK_BYTES;
      const read = small ? readSmall(file, stats.size) : await readLarge(file, stats.size, pace);
      const stable = isSame(stats, fstatSync(file)) && read.size === stats.size;
      if (!stable && tries < TRIES) continue;
      const content = stable || !small ? undefined : Buffer.from(chunk.subarray(0, read.size));
      return { ...read, stats, stable, content };
    }
  } finally {
    closeSync(file);
  }
}

const isSame = (a: Stats, b: Stats): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;

/** Reads no more than the file had: one that grows is taken as it was. */
function readSmall(file: number, expected: number): { hash: string; size: number } {
  let size = 0;
  while (size < expected) {
    const read = readSync(file, chunk, size, expected - size, size);
    if (read === 0) break;
    size += read;
  }
  return { hash: hash('sha256', chunk.subarray(0, size), 'hex'), size };
}

async function readLarge(
  file: number,
  expected: number,
  pace: Pace,
): Promise<{ hash: string; size: number }> {
  const sum = createHash('sha256');
  let size = 0;
  while (size < expected) {
    const read = readSync(file, chunk, 0, Math.min(CHUNK_BYTES, expected - size), size);
    if (read === 0) break;
    sum.update(chunk.subarray(0, read));
    size += read;
    if (pace.due()) await pace.rest();
  }
  return { hash: sum.digest('hex'), size };
}
