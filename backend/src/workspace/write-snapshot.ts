import { chownSync, lchownSync, mkdirSync, symlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Snapshot, SnapshotFile } from '../../../src/protocol/snapshot.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { systemCode, unlessDiskFull } from '../disk-full.ts';
import { inParallel } from '../in-parallel.ts';
import { Slices } from '../slices.ts';
import { stampOf, withoutLatest, type Baseline } from './baseline.ts';
import { copyContent } from './copy-content.ts';
import { baselineOf, foldersOf, incomplete, requireContents } from './read-snapshot.ts';
import { unwritable } from './unwritable.ts';
import { MAX_PATH_BYTES, TooDeep } from './walk.ts';

export interface Destination {
  /** A folder that is not there yet; the one it lies in is. */
  folder: string;
  /** Whom everything is given to, where that is not the one who writes it. */
  owner: number | undefined;
}

/**
 * Writes a snapshot's tree into a fresh folder, and tells what it is compared with later. Folders come first and links
 * last, so that no path leads through a link, also where a file system takes two spellings for one name.
 * @throws OffloadError `unknown-snapshot`, `bad-request` where its paths cannot stand beside each other here; `signal`'s
 * reason. What was written stays for the caller to remove.
 */
export async function writeSnapshot(
  { folder, owner }: Destination,
  snapshot: Snapshot,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<Baseline> {
  for (const { path } of snapshot.entries) {
    if (Buffer.byteLength(join(folder, path)) > MAX_PATH_BYTES) throw unwritable(path, new TooDeep());
  }
  await requireContents(blobs, snapshot.entries);
  const baseline = baselineOf(snapshot);
  const slices = new Slices();
  const at = async (path: string, write: (place: string) => Promise<void> | void): Promise<void> => {
    const turn = slices.next();
    if (turn !== undefined) {
      await turn;
      signal.throwIfAborted();
    }
    try {
      await write(join(folder, path));
    } catch (cause) {
      throw unlessDiskFull(unwritable(path, cause), folder);
    }
  };
  const makeFolder = (place: string, mode: number): void => {
    mkdirSync(place, { mode });
    if (owner !== undefined) chownSync(place, owner, owner);
  };
  signal.throwIfAborted();
  makeFolder(folder, 0o700);
  for (const path of foldersOf(snapshot.entries)) await at(path, (place) => makeFolder(place, 0o755));
  let latest = 0;
  const files = snapshot.entries.filter((entry) => entry.kind === 'file');
  await inParallel(files, (entry) =>
    at(entry.path, async (place) => {
      const stamp = stampOf(await writeSnapshotFile(entry, place, blobs, owner));
      latest = Math.max(latest, stamp.changedMs);
      const file = baseline.get(entry.path);
      if (file?.kind === 'file') file.stamp = stamp;
    }),
  );
  for (const entry of snapshot.entries) {
    if (entry.kind !== 'link') continue;
    await at(entry.path, (place) => {
      symlinkSync(entry.target, place);
      if (owner !== undefined) lchownSync(place, owner, owner);
    });
  }
  return withoutLatest(baseline, latest);
}

/**
 * Writes one file of a snapshot where nothing stands.
 * @throws OffloadError `unknown-snapshot` where its blob is gone or not whole, `bad-request` where it is of another size
 */
export async function writeSnapshotFile(
  { path, hash, size, mode }: SnapshotFile,
  place: string,
  blobs: BlobStore,
  owner: number | undefined,
): Promise<Stats> {
  const source = blobs.file(hash);
  let stats: Stats;
  try {
    stats = await copyContent(source, place, (mode & 0o111) === 0 ? 0o644 : 0o755, owner);
  } catch (cause) {
    const gone = systemCode(cause) === 'ENOENT' && (await blobs.missing([hash])).length > 0;
    throw gone ? incomplete(1) : cause;
  }
  if (stats.size === size) return stats;
  // A machine that went down may have lost what it had not written yet.
  if (!(await blobs.check(hash))) throw incomplete(1);
  throw new OffloadError(
    'bad-request',
    `The snapshot is not valid: ${JSON.stringify(path)} has ${String(stats.size)} bytes, not ${String(size)}.`,
  );
}
