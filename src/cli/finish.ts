import { displayPath } from '../core/changes/display.ts';
import type { RunState } from '../core/run/state.ts';
import type { Sandbox } from '../core/sandbox.ts';
import type { ChangeEvent } from '../protocol/event.ts';
import { exitCodeOf } from './follow-run.ts';
import { say } from './say.ts';
import { writeOut } from './write-out.ts';

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
  { json, out, allowGuarded }: FinishOptions,
): Promise<number> {
  if (!json) {
    if (state.end?.type === 'failed') {
      const { message, fix } = state.end.error;
      say(`${message}${fix === undefined ? '' : ` ${fix}`}`);
    }
    if (state.end?.type === 'cancelled') say('cancelled');
    for (const change of state.changes) say(line(change));
  }
  const whole = out === undefined || (await writeOut(state.changes, { sandbox, runId, out, allowGuarded }));
  const code = exitCodeOf(state);
  return code === 0 && !whole ? 1 : code;
}

function line({ operation, path, size }: ChangeEvent): string {
  const what = `${SIGNS[operation]} ${displayPath(path)}`;
  return operation === 'delete' ? what : `${what} (${String(size)} bytes)`;
}
