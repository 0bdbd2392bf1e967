import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { snapshotEntry } from '../workspace/snapshot-file.ts';
import { sourceOf, type TakenSnapshot } from '../workspace/taken-snapshot.ts';
import type { PatchSide } from './patch.ts';

/**
 * What was at a path when the snapshot was taken: from memory or the disk as long as it is the same, else from the backend
 * that it was sent to. Undefined where nothing was.
 */
export async function baseOf(
  taken: TakenSnapshot | undefined,
  path: string,
  fetch: (hash: string) => Promise<Buffer>,
): Promise<PatchSide | undefined> {
  const entry = taken && snapshotEntry(taken.snapshot, path);
  if (taken === undefined || entry === undefined) return undefined;
  if (entry.kind === 'link') return { kind: 'link', mode: 0o777, content: Buffer.from(entry.target) };
  const source = sourceOf(taken, path);
  const here = 'content' in source ? source.content : await readFile(source.place).catch(() => undefined);
  const isSame = here !== undefined && createHash('sha256').update(here).digest('hex') === entry.hash;
  return { kind: 'file', mode: entry.mode, content: isSame ? here : await fetch(entry.hash) };
}
