import { isUtf8 } from 'node:buffer';
import { lstatSync, opendirSync, type Dir, type Stats } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** Something that a program left in its workspace. */
export interface Found {
  /** From the workspace's root, with `/`; undefined where it is not UTF-8. */
  path: string | undefined;
  stats: Stats;
}

/** Bytes of the longest path that is followed: below PATH_MAX, beyond which the kernel takes none. */
export const MAX_PATH_BYTES = 4000;

/** Milliseconds of walking after which others get their turn. */
const SLICE = 5;

/** A folder so deep that nothing in it can be reached by its path. */
export class TooDeep extends Error {
  override readonly name = 'TooDeep';
}

/** Told of a folder that may not be looked into; whether to try again. */
export type Closed = (folder: Buffer) => boolean;

/**
 * All that lies under a folder, without following links. Names are read as bytes, since a program may write any.
 * What vanishes meanwhile is passed over. Most workspaces are small, so the calls are synchronous, in slices.
 * @throws TooDeep where something lies deeper than a path can say
 */
export async function* walk(root: string, closed: Closed): AsyncGenerator<Found, void, undefined> {
  const rootLength = Buffer.byteLength(root) + 1;
  const folders = [Buffer.from(root)];
  let slice = performance.now();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = open(folder) ?? (closed(folder) ? open(folder) : undefined);
    if (entries === undefined) continue;
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        const place = Buffer.concat([folder, Buffer.from('/'), Buffer.from(entry.name, 'latin1')]);
        if (place.length > MAX_PATH_BYTES) throw new TooDeep();
        const stats = lstat(place);
        if (stats === undefined) continue;
        const below = place.subarray(rootLength);
        if (stats.isDirectory()) folders.push(place);
        yield { path: isUtf8(below) ? below.toString('utf8') : undefined, stats };
        if (performance.now() - slice < SLICE) continue;
        await turn();
        slice = performance.now();
      }
    } finally {
      entries.closeSync();
    }
  }
}

function open(folder: Buffer): Dir | undefined {
  try {
    return opendirSync(folder, { encoding: 'latin1', bufferSize: 256 });
  } catch {
    return undefined;
  }
}

function lstat(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
