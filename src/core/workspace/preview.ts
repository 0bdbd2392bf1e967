import type { FolderSize } from './folder-size.ts';
import { biggestFolders } from './folder-size.ts';
import type { LeftOut } from './left-out.ts';
import { MAX_SCANNED_BYTES } from './scanned-file.ts';
import type { TakenSnapshot } from './taken-snapshot.ts';

/** Folders that are named. */
const NAMED = 5;

/** What a snapshot would send, to be shown before it does. */
export interface Preview {
  /** Files and links. */
  readonly files: number;
  readonly bytes: number;
  readonly biggest: readonly FolderSize[];
  /** What stays, but for what is ignored. */
  readonly leftOut: readonly LeftOut[];
  /** Files and folders that are ignored; some of them, folders with a slash at the end. */
  readonly ignored: { readonly count: number; readonly some: readonly string[] };
  /** Files that are too large to be looked through for secrets. */
  readonly notScanned: readonly string[];
}

/** What sending a snapshot means. */
export function previewOf(taken: TakenSnapshot): Preview {
  const { entries } = taken.snapshot;
  const files = entries.filter((entry) => entry.kind === 'file');
  return {
    files: entries.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    biggest: biggestFolders(files, { by: 'bytes', most: NAMED }),
    leftOut: taken.leftOut.filter(({ reason }) => reason !== 'ignored'),
    ignored: {
      count: taken.ignored,
      some: taken.leftOut.filter(({ reason }) => reason === 'ignored').map(({ path }) => path),
    },
    notScanned: files.filter(({ size }) => size > MAX_SCANNED_BYTES).map(({ path }) => path),
  };
}
