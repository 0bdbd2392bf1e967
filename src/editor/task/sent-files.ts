import type { Sandbox } from '../../core/sandbox.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { ChangeEvent } from '../../protocol/event.ts';
import { snapshotSchema } from '../../protocol/snapshot.ts';
import type { RunRecord, SentFile } from '../run/record.ts';

/**
 * The files that changes are measured against. A program's record has them; of a task they are looked up in its snapshot,
 * which its run has among its blobs.
 * @throws OffloadError where the snapshot is gone or broken
 */
export async function sentFiles(
  sandbox: Pick<Sandbox, 'readBlob'>,
  { runId, task, sent }: RunRecord,
  changes: readonly ChangeEvent[],
): Promise<SentFile[]> {
  if (task?.snapshot === undefined) return sent;
  const text = (await sandbox.readBlob(runId, task.snapshot)).toString('utf8');
  const paths = new Set(changes.map(({ path }) => path));
  return parse(text).entries.flatMap((entry) => {
    if (entry.kind !== 'file' || !paths.has(entry.path)) return [];
    const { path, mode, size, hash } = entry;
    return [{ path, mode, size, hash }];
  });
}

function parse(text: string) {
  try {
    return snapshotSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new OffloadError('bad-frame', 'The snapshot that a task was given cannot be read.', { cause });
  }
}
