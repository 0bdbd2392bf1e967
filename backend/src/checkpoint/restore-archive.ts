import { why } from '../../../src/protocol/decode.ts';
import { unlessDiskFull } from '../disk-full.ts';
import { MAX_ENTRIES } from '../workspace/size.ts';
import { archiveEntrySchema, KINDS, MAX_CHECKPOINT_BYTES, type ArchiveEntry } from './archive-entry.ts';
import { ArchiveSource } from './archive-source.ts';
import type { Trees } from './changed-entries.ts';
import { checkpointStateSchema, type CheckpointState } from './checkpoint-state.ts';
import { notValid, RestoredTree } from './restored-tree.ts';

export interface Destination extends Trees {
  /** Whom everything is given to, where that is not the one who writes it. */
  owner: number | undefined;
}

/**
 * Brings what an archive holds into a workspace that has its snapshot, and an empty home. It comes from where code of
 * anybody's has run: whatever is in it, nothing outside the two folders is touched. Cut short, it can be done again.
 * @param maxBytes that the files may take together
 * @throws OffloadError `interrupted` for one that is cut, `bad-frame` for one that is none, `internal` for a full disk
 */
export async function restoreArchive(
  chunks: AsyncIterable<Uint8Array>,
  { workspace, home, owner }: Destination,
  maxBytes = MAX_CHECKPOINT_BYTES,
): Promise<CheckpointState> {
  const source = new ArchiveSource(chunks);
  const trees = { workspace: new RestoredTree(workspace, owner), home: new RestoredTree(home, owner) };
  try {
    const state = checkpointStateSchema.safeParse(json(await source.line()));
    if (!state.success) throw notValid(why(state.error));
    let [kind, bytes, count] = [0, 0, 0];
    for (;;) {
      const entry = entryOf(await source.line());
      if (KINDS.indexOf(entry.kind) < kind) throw notValid('it is out of order');
      kind = KINDS.indexOf(entry.kind);
      if (entry.kind === 'end') break;
      if (entry.kind === 'file') bytes += entry.size;
      if (bytes > maxBytes || ++count > 3 * MAX_ENTRIES) throw notValid('it holds too much');
      await write(entry, trees[entry.in], source);
    }
    trees.workspace.close();
    trees.home.close();
    return state.data;
  } catch (error) {
    throw unlessDiskFull(error, workspace);
  } finally {
    await source.close();
  }
}

async function write(
  entry: Exclude<ArchiveEntry, { kind: 'end' }>,
  tree: RestoredTree,
  source: ArchiveSource,
): Promise<void> {
  switch (entry.kind) {
    case 'gone':
      tree.remove(entry.path);
      return;
    case 'folder':
      tree.folder(entry.path, entry.mode);
      return;
    case 'file':
      await tree.file(entry.path, entry.mode, source.bytes(entry.size));
      return;
    case 'link':
      tree.link(entry.path, entry.target);
  }
}

function entryOf(line: string): ArchiveEntry {
  const entry = archiveEntrySchema.safeParse(json(line));
  if (entry.success) return entry.data;
  throw notValid(why(entry.error));
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw notValid('it is no JSON');
  }
}
