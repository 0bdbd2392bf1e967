import type { Stats } from 'node:fs';

/**
 * What lstat(2) says of a file while its content is known. A program can set all of it but the time of the last change
 * of the inode, so a file that shows the same stamp is as it was. Times are milliseconds since 1970, with fractions.
 */
export interface Stamp {
  inode: number;
  size: number;
  modifiedMs: number;
  changedMs: number;
}

export interface BaselineFile {
  kind: 'file';
  hash: string;
  executable: boolean;
  /** Absent where it has to be hashed to be known. */
  stamp?: Stamp | undefined;
}

export interface BaselineLink {
  kind: 'link';
  target: string;
}

export type BaselineEntry = BaselineFile | BaselineLink;

/** A tree that changes are told against, by path. */
export type Baseline = ReadonlyMap<string, BaselineEntry>;

/**
 * Milliseconds within which two changes of a file may bear the same time: the longest tick of a kernel's clock, twice
 * (file systems take their times from it; see `ktime_get_coarse` and CONFIG_HZ).
 */
const TICK = 20;

/** What a file is known by as long as nobody touches it. */
export const stampOf = (stats: Stats): Stamp => ({
  inode: stats.ino,
  size: stats.size,
  modifiedMs: stats.mtimeMs,
  changedMs: stats.ctimeMs,
});

/** Whether a file is as it was when its content was known. */
export const hasStamp = (stats: Stats, stamp: Stamp | undefined): boolean =>
  stamp?.inode === stats.ino &&
  stamp.size === stats.size &&
  stamp.modifiedMs === stats.mtimeMs &&
  stamp.changedMs === stats.ctimeMs;

/**
 * Takes the stamps of those files that were written last: a change in the same tick of the clock would leave them as
 * they are. `latestMs` is the time of the latest change in the workspace.
 */
export function withoutLatest(entries: Map<string, BaselineEntry>, latestMs: number): Baseline {
  for (const entry of entries.values()) {
    if (entry.kind === 'file' && (entry.stamp?.changedMs ?? 0) > latestMs - TICK) entry.stamp = undefined;
  }
  return entries;
}

/** What stands at a path and no tree can name: a pipe, a device, a socket. */
export interface Special {
  kind: 'special';
}

/** Whether two are one and the same; undefined stands for nothing at a path. */
export function isSameEntry(
  a: BaselineEntry | Special | undefined,
  b: BaselineEntry | Special | undefined,
): boolean {
  if (a?.kind === 'file' && b?.kind === 'file') return a.hash === b.hash && a.executable === b.executable;
  if (a?.kind === 'link' && b?.kind === 'link') return a.target === b.target;
  return a === b;
}
