import { OffloadError } from '../../protocol/error.ts';
import {
  MAX_SNAPSHOT_BYTES,
  MAX_SNAPSHOT_ENTRIES,
  MAX_SNAPSHOT_FILE_BYTES,
  type SnapshotEntry,
} from '../../protocol/snapshot.ts';
import { displayPath } from '../changes/display.ts';
import { leavesOf, type Folder, type Unread } from './folder.ts';
import { biggestFolders, type FolderSize } from './folder-size.ts';

/** Folders that are named, where they hold this share of all at least. */
const NAMED = 3;
const WORTH_NAMING = 0.02;

function worthNaming(
  files: readonly { path: string; size: number }[],
  by: 'files' | 'bytes',
  total: number,
): FolderSize[] {
  return biggestFolders(files, { by, most: NAMED }).filter((folder) => folder[by] >= total * WORTH_NAMING);
}

/** There are more files, links or folders than a snapshot takes. Counts what has been listed so far. */
export function tooManyFiles(tops: readonly Folder[]): OffloadError {
  const files = leavesOf(tops).map(({ path }) => ({ path, size: 0 }));
  const biggest = worthNaming(files, 'files', files.length);
  const where = biggest.map(({ path, files }) => `${displayPath(path)} (${String(files)} or more)`);
  return new OffloadError(
    'too-large',
    `The workspace has more than ${String(MAX_SNAPSHOT_ENTRIES)} files to send${most(where)}.`,
    { fix: fixFor(biggest) },
  );
}

/** @throws OffloadError `too-large` for files that have more bytes in all than a snapshot takes */
export function assertFits(leaves: readonly (SnapshotEntry | Unread)[]): void {
  let bytes = 0;
  for (const leaf of leaves) if (leaf.kind !== 'link') bytes += leaf.size;
  if (bytes <= MAX_SNAPSHOT_BYTES) return;
  const files = leaves.filter((leaf) => leaf.kind !== 'link');
  const biggest = worthNaming(files, 'bytes', bytes);
  const where = biggest.map(({ path, bytes }) => `${displayPath(path)} (${megabytes(bytes)})`);
  throw new OffloadError(
    'too-large',
    `The workspace has ${megabytes(bytes)} to send; ${megabytes(MAX_SNAPSHOT_BYTES)} go at most${most(where)}.`,
    { fix: fixFor(biggest) },
  );
}

/** One file has more bytes than a snapshot takes of one. */
export const tooLargeFile = (path: string, size: number): OffloadError =>
  new OffloadError(
    'too-large',
    `${displayPath(path)} has ${megabytes(size)}; ${megabytes(MAX_SNAPSHOT_FILE_BYTES)} of one file go at most.`,
    { fix: `Leave it out with a line in .offloadignore: ${pattern(path)}` },
  );

const most = (where: readonly string[]): string =>
  where.length === 0 ? '' : `; most are in ${where.join(', ')}`;

const fixFor = (biggest: readonly { path: string }[]): string =>
  biggest.length === 0
    ? 'Leave out what a task does not need with lines in a file .offloadignore, or open a folder within.'
    : `Leave out what a task does not need with lines in a file .offloadignore, such as: ${biggest
        .map(({ path }) => pattern(path))
        .join(' ')}`;

/** A path as a line of `.offloadignore`, for people. */
const pattern = (path: string): string => `/${displayPath(path)}`;

const megabytes = (bytes: number): string => `${String(Math.ceil(bytes / 1024 ** 2))} MB`;
