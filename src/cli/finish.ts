import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { applyChange } from '../core/changes/apply.ts';
import { displayPath } from '../core/changes/display.ts';
import type { RunState } from '../core/run/state.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { asOffloadError } from '../protocol/error.ts';
import type { ChangeEvent } from '../protocol/event.ts';
import { exitCodeOf } from './follow-run.ts';

const SIGNS = { create: '+', modify: '~', delete: '-' } as const;

export interface FinishOptions {
  json: boolean;
  /** The folder that changed files are written to. */
  out: string | undefined;
  /** Whether also those files are written that an editor, a shell or an agent runs by itself. */
  allowGuarded: boolean;
}

/** What follows a run: why it failed, the files that changed, and these written to a folder when one is given. */
export async function finish(
  sandbox: Sandbox,
  runId: string,
  state: RunState,
  options: FinishOptions,
): Promise<number> {
  if (!options.json) {
    if (state.end?.type === 'failed') {
      const { message, fix } = state.end.error;
      process.stderr.write(`offload: ${message}${fix === undefined ? '' : ` ${fix}`}\n`);
    }
    if (state.end?.type === 'cancelled') process.stderr.write('offload: cancelled\n');
    for (const change of state.changes) process.stderr.write(line(change));
  }
  const written =
    options.out === undefined
      ? true
      : await writeOut(sandbox, runId, state, { ...options, out: options.out });
  const code = exitCodeOf(state);
  return code === 0 && !written ? 1 : code;
}

const line = (change: ChangeEvent): string =>
  `offload: ${SIGNS[change.operation]} ${displayPath(change.path)}${change.operation === 'delete' ? '' : ` (${String(change.size)} bytes)`}\n`;

/** Writes each created or modified file under a folder. What cannot be written is said and the rest goes on. */
async function writeOut(
  sandbox: Sandbox,
  runId: string,
  state: RunState,
  options: { out: string; allowGuarded: boolean },
): Promise<boolean> {
  const root = resolve(options.out);
  await mkdir(root, { recursive: true });
  let whole = true;
  for (const change of state.changes) {
    if (change.hash === undefined) continue;
    try {
      const content = await sandbox.readBlob(runId, change.hash);
      const guardedApproved = options.allowGuarded;
      await applyChange({ root, change, content, base: undefined, overwrite: true, guardedApproved });
    } catch (thrown) {
      whole = false;
      const error = asOffloadError(thrown);
      const fix = error.code === 'unsafe-path' ? ' --allow-guarded writes such files too.' : '';
      process.stderr.write(`offload: ${displayPath(change.path)} was not written: ${error.message}${fix}\n`);
    }
  }
  return whole;
}
