import { snapshotOf, type Snapshot, type SnapshotEntry } from '../../core/changes/snapshot.ts';
import { contentBytes } from '../../protocol/content.ts';
import type { SentFile } from '../run/record.ts';

/** What changes are measured against, whether the files went along whole or by hash. */
export function snapshotOfSent(sent: readonly SentFile[]): Snapshot {
  const whole = sent.flatMap((file) => ('content' in file ? [file] : []));
  const snapshot = new Map<string, SnapshotEntry>(snapshotOf(whole));
  for (const file of sent) if ('hash' in file) snapshot.set(file.path, file);
  return snapshot;
}

/** A file's content as the record of a run has it; undefined for one that is not there, or there by hash alone. */
export function sentContent(sent: readonly SentFile[], path: string): Buffer | undefined {
  const file = sent.find((each) => each.path === path);
  return file !== undefined && 'content' in file ? contentBytes(file.content) : undefined;
}
