import { why } from '../../protocol/decode.ts';
import { OffloadError } from '../../protocol/error.ts';
import {
  snapshotSchema,
  type Snapshot,
  type SnapshotEntry,
  type SnapshotFile,
} from '../../protocol/snapshot.ts';

/** What a snapshot has at a path; undefined for nothing. Its entries are in order, so few are looked at. */
export function snapshotEntry({ entries }: Snapshot, path: string): SnapshotEntry | undefined {
  let [from, to] = [0, entries.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((entries[middle]?.path ?? '') < path) from = middle + 1;
    else to = middle;
  }
  const found = entries[from];
  return found?.path === path ? found : undefined;
}

/** The file that a snapshot has at a path, what a change there is measured against; undefined for nothing, or a link. */
export function snapshotFile(snapshot: Snapshot, path: string): SnapshotFile | undefined {
  const entry = snapshotEntry(snapshot, path);
  return entry?.kind === 'file' ? entry : undefined;
}

/**
 * A snapshot as it was sent or kept.
 * @throws OffloadError `bad-frame` for what is none
 */
export function parseSnapshot(bytes: Uint8Array): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new OffloadError('bad-frame', 'The snapshot of the workspace is not JSON.', { cause });
  }
  const result = snapshotSchema.safeParse(value);
  if (!result.success) {
    throw new OffloadError(
      'bad-frame',
      `The snapshot of the workspace cannot be read: ${why(result.error)}.`,
    );
  }
  const { entries } = result.data;
  const inOrder = entries.every(({ path }, index) => index === 0 || (entries[index - 1]?.path ?? '') < path);
  if (!inOrder) throw new OffloadError('bad-frame', 'The snapshot of the workspace is not in order.');
  return result.data;
}
