import type { SnapshotEntry } from '../../protocol/snapshot.ts';

/** A folder that is taken along, with what is taken of it. */
export interface Folder {
  readonly kind: 'folder';
  /** As in the snapshot, with a slash at its end; empty for a single root. */
  readonly path: string;
  /** Where it lies, with the system's separator at its end. */
  readonly place: string;
  /** A hash of its own ignore rules. */
  rules: string;
  /** In the order of their paths. */
  readonly entries: (SnapshotEntry | Unread | Folder)[];
}

/** A file whose content is not known yet. */
export interface Unread {
  readonly kind: 'unread';
  /** In the snapshot. */
  readonly path: string;
  /** On this machine. */
  readonly place: string;
  /** Bytes, from the outside. */
  readonly size: number;
  /** What may be known of it the next time, once it has been read. */
  stamp?: Stamp;
}

/** What tells whether a file has changed, and what it holds. */
export interface Stamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  /** SHA-256, in lower-case hexadecimal. */
  readonly hash: string;
}

/** All files and links below some folders, in the order of their paths where the folders are in it. */
export function leavesOf(tops: readonly Folder[]): (SnapshotEntry | Unread)[] {
  const leaves: (SnapshotEntry | Unread)[] = [];
  const add = ({ entries }: Folder): void => {
    for (const entry of entries) {
      if (entry.kind === 'folder') add(entry);
      else leaves.push(entry);
    }
  };
  for (const top of tops) add(top);
  return leaves;
}

/** All folders, those given included, each before what is in it. */
export function foldersOf(tops: readonly Folder[]): Folder[] {
  const folders = [...tops];
  // The array grows while it is walked.
  for (const { entries } of folders) {
    for (const entry of entries) if (entry.kind === 'folder') folders.push(entry);
  }
  return folders;
}
