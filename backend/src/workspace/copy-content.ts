import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createFile } from '../create-file.ts';

/** Bytes up to which reading and writing is faster than having the kernel clone or copy. */
const SMALL_BYTES = 256 * 1024;
let buffer: Buffer | undefined;

/**
 * Makes a new file with the content of another, by clone where the file system can. Never a hard link: what a program
 * does to its file must not happen to the other. Gives what lstat says of it then.
 * @param owner the user it is given to, where that is not the one who makes it
 */
export async function copyContent(
  source: string,
  place: string,
  mode: number,
  owner: number | undefined,
): Promise<Stats> {
  const from = openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(from).size <= SMALL_BYTES) return await copySmall(from, place, mode, owner);
  } finally {
    closeSync(from);
  }
  await copyFile(source, place, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  chmodSync(place, mode);
  if (owner !== undefined) chownSync(place, owner, owner);
  return lstatSync(place);
}

async function copySmall(
  from: number,
  place: string,
  mode: number,
  owner: number | undefined,
): Promise<Stats> {
  const to = await createFile(place, mode);
  try {
    // Shared: nothing else happens until it has been written.
    buffer ??= Buffer.allocUnsafeSlow(SMALL_BYTES);
    for (let length; (length = readSync(from, buffer, 0, buffer.length, null)) > 0;) {
      for (let at = 0; at < length;) at += writeSync(to, buffer, at, length - at);
    }
    // The mode that it was made with went through the umask.
    fchmodSync(to, mode);
    if (owner !== undefined) fchownSync(to, owner, owner);
    return fstatSync(to);
  } finally {
    closeSync(to);
  }
}
