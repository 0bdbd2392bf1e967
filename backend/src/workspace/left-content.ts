import { createHash } from 'node:crypto';
import { chmodSync, closeSync, constants, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** Bytes up to which a file is read in one go, without asking a thread. */
const SMALL_BYTES = 256 * 1024;
const READ_BYTES = 1024 * 1024;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The content of a file that a program has left. */
export interface LeftContent {
  hash: string;
  size: number;
}

/**
 * Reads a regular file that a program has left, once nothing runs any more that could put something else in its place.
 * @param stats what lstat says of it; a file that its owner may not read is readable meanwhile
 */
export async function leftContent(place: string, stats: Stats): Promise<LeftContent> {
  return whileReadable(place, stats, async () =>
    stats.size <= SMALL_BYTES ? (readSmall(place, stats.size) ?? (await readLarge(place))) : readLarge(place),
  );
}

/** Does something with a file whose owner may read it then, whatever its mode is. */
export async function whileReadable<T>(place: string, stats: Stats, act: () => Promise<T>): Promise<T> {
  if ((stats.mode & 0o400) !== 0) return act();
  chmodSync(place, 0o600);
  try {
    return await act();
  } finally {
    chmodSync(place, stats.mode & 0o777);
  }
}

/** Undefined where it is larger than it should be, as some files of the kernel's are. */
function readSmall(place: string, size: number): LeftContent | undefined {
  const buffer = Buffer.allocUnsafe(size + 1);
  const file = openSync(place, FLAGS);
  try {
    let length = 0;
    for (let read; (read = readSync(file, buffer, length, buffer.length - length, length)) > 0;)
      length += read;
    if (length > size) return undefined;
    return { hash: createHash('sha256').update(buffer.subarray(0, length)).digest('hex'), size: length };
  } finally {
    closeSync(file);
  }
}

async function readLarge(place: string): Promise<LeftContent> {
  const file = await open(place, FLAGS);
  try {
    const digest = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size);
      if (bytesRead === 0) return { hash: digest.digest('hex'), size };
      digest.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}
