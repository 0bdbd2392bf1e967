import type { SnapshotEntry } from '../../protocol/snapshot.ts';
import { leavesOf } from './folder.ts';
import { listWorkspace } from './list.ts';
import { Look } from './look.ts';
import { Pace } from './pace.ts';
import { placeRoots, type WorkspaceRoot } from './roots.ts';
import { StatCache } from './stat-cache.ts';
import { takenSnapshot, type TakenSnapshot } from './taken-snapshot.ts';
import { assertFits } from './too-large.ts';
import { Unsaved, type UnsavedEditors } from './unsaved.ts';

export interface SnapshotOptions {
  /** One or more. */
  readonly roots: readonly WorkspaceRoot[];
  readonly unsaved?: UnsavedEditors | undefined;
  /** Paths in the snapshot, of files and folders, that are not to be sent. */
  readonly excluded?: ReadonlySet<string> | undefined;
  /** A folder that only the user can enter, where hashes are kept from one snapshot to the next. */
  readonly cacheFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a snapshot of the workspace as it is seen: what is on the disk, with unsaved editors over it, less what is
 * ignored or excluded. `.git` never goes along. Links are taken as links, and none is followed. What cannot go along is
 * left out, and says why. The event loop has its turn in between.
 * @throws OffloadError `too-large` (named with the folders to ignore), `bad-request` (a root), `bad-setting` (a file of
 * rules that cannot be read); the signal's reason
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<TakenSnapshot> {
  const { signal } = options;
  signal?.throwIfAborted();
  const pace = new Pace(signal);
  const roots = placeRoots(options.roots);
  const unsaved = new Unsaved(options.unsaved ?? new Map());
  const excluded = options.excluded ?? new Set();
  const cache = StatCache.open(options.cacheFolder, roots);
  const look = new Look(unsaved, pace);
  const { tops, ignored } = await listWorkspace({ roots, unsaved, excluded, cache, look, pace });
  const leaves = leavesOf(tops);
  // Before anything is read.
  assertFits(leaves);
  const entries: SnapshotEntry[] = [];
  for (const leaf of leaves) {
    const entry = leaf.kind === 'unread' ? await look.into(leaf) : leaf;
    if (entry !== undefined) entries.push(entry);
    if (leaf.kind === 'unread' && pace.due()) await pace.rest();
  }
  assertFits(entries);
  cache.save(tops);
  return takenSnapshot({ entries, roots, held: look.held, leftOut: look.leftOut, ignored });
}
