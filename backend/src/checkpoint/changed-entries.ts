import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isWorkspacePath } from '../../../src/protocol/path.ts';
import { Slices } from '../slices.ts';
import { hasStamp, type Baseline } from '../workspace/baseline.ts';
import { opened } from '../workspace/collect.ts';
import { walkWithin } from '../workspace/size.ts';
import { KINDS, type ArchiveEntry } from './archive-entry.ts';

export interface Trees {
  workspace: string;
  home: string;
}

export interface ChangedEntries {
  /** In the order of an archive. */
  entries: ArchiveEntry[];
  /** Bytes of the files among them. */
  bytes: number;
  /** How many things cannot be brought elsewhere: pipes, sockets, names that are not UTF-8. */
  left: number;
}

/**
 * What a session's trees hold that its snapshot alone would not bring there again. What shows the stamp that it was written
 * with is not read. Nothing may run in the trees any more where the entries are to be relied upon.
 * @throws OffloadError `workspace-limit` for trees that take more than `maxBytes`
 */
export async function changedEntries(
  { workspace, home }: Trees,
  baseline: Baseline,
  maxBytes: number,
): Promise<ChangedEntries> {
  const entries: ArchiveEntry[] = [];
  const slices = new Slices();
  let bytes = 0;
  let left = 0;
  const read = async (tree: 'workspace' | 'home', folder: string, known: Baseline): Promise<void> => {
    const missing = new Set(known.keys());
    for await (const { path, stats } of walkWithin(folder, maxBytes, opened)) {
      await slices.next();
      const at = { in: tree, path: path ?? '' };
      const before = known.get(at.path);
      if (path === undefined || !isWorkspacePath(path)) left++;
      else if (stats.isDirectory()) entries.push({ ...at, kind: 'folder', mode: stats.mode & 0o777 });
      else if (stats.isFile()) {
        missing.delete(path);
        if (before?.kind === 'file' && hasStamp(stats, before.stamp)) continue;
        bytes += stats.size;
        entries.push({ ...at, kind: 'file', mode: stats.mode & 0o777, size: stats.size });
      } else if (stats.isSymbolicLink()) {
        missing.delete(path);
        const target = readlinkSync(join(folder, path));
        if (before?.kind !== 'link' || before.target !== target)
          entries.push({ ...at, kind: 'link', target });
      } else left++;
    }
    for (const path of missing) entries.push({ in: tree, path, kind: 'gone' });
  };
  await read('workspace', workspace, baseline);
  await read('home', home, new Map());
  // Of one kind they stay as they were found: a folder before what lies in it.
  entries.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return { entries, bytes, left };
}
