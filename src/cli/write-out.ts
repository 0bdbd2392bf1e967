import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { applyChange } from '../core/changes/apply.ts';
import { displayPath } from '../core/changes/display.ts';
import { guardedReason } from '../core/changes/guarded.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { asOffloadError, OffloadError } from '../protocol/error.ts';
import type { ChangeEvent } from '../protocol/event.ts';
import { say } from './say.ts';

/** Makes the folder that results go to. @throws OffloadError `bad-request` */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const errno = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = errno === 'EEXIST' || errno === 'ENOTDIR' ? 'a file is in its place' : String(cause);
    const fix = 'Name another one with --out.';
    throw new OffloadError('bad-request', `The folder ${path} cannot be made: ${why}.`, { fix, cause });
  }
}

/** What is written where. */
export interface WriteOut {
  sandbox: Sandbox;
  runId: string;
  /** The folder, which is made where it is missing. */
  out: string;
  /** Whether also those files are written that an editor, a shell or an agent runs by itself. */
  allowGuarded: boolean;
}

/**
 * Writes each created or modified file under a folder. What cannot be written is said and the rest goes on; gives
 * whether all were written.
 */
export async function writeOut(changes: readonly ChangeEvent[], options: WriteOut): Promise<boolean> {
  await makeFolder(options.out);
  let whole = true;
  for (const change of changes) {
    if (change.hash === undefined) continue;
    const obstacle = await write(change, change.hash, options);
    if (obstacle === undefined) continue;
    whole = false;
    say(`${displayPath(change.path)} was not written: ${obstacle}`);
  }
  return whole;
}

/** Writes one file; gives what stood in the way. */
async function write(change: ChangeEvent, hash: string, options: WriteOut): Promise<string | undefined> {
  const { sandbox, runId, out, allowGuarded } = options;
  const guarded = guardedReason(change.path);
  if (guarded !== undefined && !allowGuarded) return `${guarded} --allow-guarded writes such files too.`;
  try {
    const content = await sandbox.readBlob(runId, hash);
    const accepted = { change, content, base: undefined, overwrite: true, guardedApproved: allowGuarded };
    await applyChange({ root: resolve(out), ...accepted });
    return undefined;
  } catch (error) {
    return asOffloadError(error).message;
  }
}
