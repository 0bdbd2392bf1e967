import { open, unlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AcceptedChange } from '../core/changes/apply.ts';
import { applyChanges } from '../core/changes/apply-all.ts';
import { displayPath } from '../core/changes/display.ts';
import { errnoOf } from '../core/errno.ts';
import { guardedReason } from '../core/changes/guarded.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { baseOf } from '../core/task/base.ts';
import { patchOf, type PatchFile } from '../core/task/patch.ts';
import { snapshotFile } from '../core/workspace/snapshot-file.ts';
import type { TakenSnapshot } from '../core/workspace/taken-snapshot.ts';
import { asOffloadError, OffloadError } from '../protocol/error.ts';
import type { ChangeEvent } from '../protocol/event.ts';
import { say } from './say.ts';
import type { TaskValues } from './task-options.ts';
import { makeFolder, writeOut } from './write-out.ts';

/** A task that has ended, and what it was given. */
export interface TaskResults {
  sandbox: Sandbox;
  runId: string;
  changes: readonly ChangeEvent[];
  taken: TakenSnapshot | undefined;
}

/** Finds out before a task begins whether its results can be written. @throws OffloadError `bad-request` */
export async function prepareResults({ out, patch }: TaskValues): Promise<void> {
  if (out !== undefined) await makeFolder(out);
  if (patch === undefined) return;
  try {
    const [file, made] = await open(patch, 'ax').then(
      (opened) => [opened, true] as const,
      async (error: unknown) => {
        if (errnoOf(error) !== 'EEXIST') throw error;
        return [await open(patch, 'a'), false] as const;
      },
    );
    await file.close();
    // The task may be refused yet, or be sent the folder that it would lie in.
    if (made) await unlink(patch);
  } catch (cause) {
    const why = errnoOf(cause) ?? String(cause);
    throw new OffloadError('bad-request', `${displayPath(patch)} cannot be written: ${why}.`, {
      fix: 'Name another one with --patch.',
      cause,
    });
  }
}

/** Does with the changes what the options say; what cannot be done is said. Gives whether all was done. */
export async function takeResults(results: TaskResults, values: TaskValues): Promise<boolean> {
  const { sandbox, runId, changes } = results;
  if (values.out !== undefined) {
    return await writeOut(changes, {
      sandbox,
      runId,
      out: values.out,
      allowGuarded: values['allow-guarded'],
    });
  }
  if (values.patch !== undefined) return await writePatch(results, values.patch);
  if (values.workspace === undefined || !(values.apply || values['apply-guarded'])) return true;
  return await apply(results, resolve(values.workspace), values['apply-guarded']);
}

async function apply(results: TaskResults, root: string, guarded: boolean): Promise<boolean> {
  const { sandbox, runId, changes, taken } = results;
  const accepted: AcceptedChange[] = [];
  for (const change of changes) {
    const reason = guardedReason(change.path);
    if (reason !== undefined && !guarded) {
      say(`${displayPath(change.path)} was not applied: ${reason} --apply-guarded applies such files too.`);
      continue;
    }
    const base = taken && snapshotFile(taken.snapshot, change.path);
    const common = { change, base, guardedApproved: guarded };
    try {
      if (change.hash === undefined) accepted.push(common);
      else accepted.push({ ...common, content: await sandbox.readBlob(runId, change.hash) });
    } catch (error) {
      say(`${displayPath(change.path)} was not applied: ${asOffloadError(error).message}`);
    }
  }
  const outcomes = await applyChanges({ root, changes: accepted });
  for (const outcome of outcomes) {
    if (outcome.state === 'failed')
      say(`${displayPath(outcome.path)} was not applied: ${outcome.error.message}`);
  }
  const done = outcomes.filter(({ state }) => state === 'done').length;
  if (changes.length > 0) say(`applied ${String(done)} of ${String(changes.length)} to ${displayPath(root)}`);
  return done === changes.length;
}

/** A task that goes on without its workspace has changed files that are known to the sandbox alone. */
const unknownBase = (): OffloadError =>
  new OffloadError('not-supported', 'What it was is not known here: name the folder with --workspace.');

async function writePatch({ sandbox, runId, changes, taken }: TaskResults, path: string): Promise<boolean> {
  const files: PatchFile[] = [];
  for (const change of changes) {
    try {
      const before = await baseOf(taken, change.path, (hash) => sandbox.readBlob(runId, hash));
      if (before === undefined && change.operation !== 'create') throw unknownBase();
      const content = change.hash === undefined ? undefined : await sandbox.readBlob(runId, change.hash);
      const after = content && ({ kind: 'file', mode: change.mode, content } as const);
      files.push({ path: change.path, before, after });
    } catch (error) {
      say(`${displayPath(change.path)} is not in the patch: ${asOffloadError(error).message}`);
    }
  }
  try {
    await writeFile(path, patchOf(files));
  } catch (error) {
    say(`The patch could not be written to ${displayPath(path)}: ${asOffloadError(error).message}`);
    return false;
  }
  say(`a patch of ${String(files.length)} of ${String(changes.length)} changes is in ${displayPath(path)}`);
  return files.length === changes.length;
}
