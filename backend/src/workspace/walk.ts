import { isUtf8 } from 'node:buffer';
import { lstatSync, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';

/** Something that a program left in its workspace. */
export interface Found {
  /** From the workspace's root, with `/`; undefined where it is not UTF-8. */
  path: string | undefined;
  stats: Stats;
}

/** Bytes of the longest path that is followed: below PATH_MAX, beyond which the kernel takes none. */
const MAX_PATH_BYTES = 4000;

/** A folder so deep that nothing in it can be reached by its path. */
export class TooDeep extends Error {
  override readonly name = 'TooDeep';
}

/**
 * All that lies under a folder, without following links. Names are read as bytes, since a program may write any.
 * What vanishes meanwhile is passed over.
 * @throws TooDeep where something lies deeper than a path can say
 */
export async function* walk(root: string): AsyncGenerator<Found, void, undefined> {
  yield* walkBelow(Buffer.from(root), Buffer.byteLength(root) + 1);
}

async function* walkBelow(folder: Buffer, rootLength: number): AsyncGenerator<Found, void, undefined> {
  if (folder.length > MAX_PATH_BYTES) throw new TooDeep();
  let entries;
  try {
    entries = await opendir(folder, { encoding: 'latin1', bufferSize: 256 });
  } catch {
    return;
  }
  for await (const entry of entries) {
    const place = Buffer.concat([folder, Buffer.from('/'), Buffer.from(entry.name, 'latin1')]);
    const stats = lstat(place);
    if (stats === undefined) continue;
    const below = place.subarray(rootLength);
    yield { path: isUtf8(below) ? below.toString('utf8') : undefined, stats };
    if (stats.isDirectory()) yield* walkBelow(place, rootLength);
  }
}

function lstat(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
