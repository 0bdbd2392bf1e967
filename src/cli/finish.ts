import { displayPath } from '../core/changes/display.ts';
import type { RunState } from '../core/run/state.ts';
import { tokensOf } from '../core/task/progress.ts';
import type { Sandbox } from '../core/sandbox.ts';
import type { ChangeEvent, CheckEvent, ExecutionEvent } from '../protocol/event.ts';
import type { ModelUsage } from '../protocol/usage.ts';
import { exitCodeOf, type Followed } from './follow-run.ts';
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
  { state, interrupted }: Followed,
  { json, out, allowGuarded }: FinishOptions,
): Promise<number> {
  if (!json) sayEnd(state);
  const whole = out === undefined || (await writeOut(state.changes, { sandbox, runId, out, allowGuarded }));
  const code = exitCodeOf(state, interrupted);
  return code === 0 && !whole ? 1 : code;
}

/** Says how a run has ended: why it failed; of a task, what came of it and what it took; the files that changed. */
export function sayEnd(state: RunState): void {
  const { check, executions, end } = state;
  if (end?.type === 'failed') {
    const { message, fix } = end.error;
    say(`${message}${fix === undefined ? '' : ` ${fix}`}`);
  }
  if (end?.type === 'cancelled') say('cancelled');
  if (check !== undefined)
    say(`${check.passed ? 'verified' : 'not verified'}: ${check.command}: ${ended(check)}`);
  for (const execution of executions) say(`ran ${displayPath(execution.path)}: ${ended(execution)}`);
  for (const change of state.changes) say(line(change));
  if (end?.usage.model !== undefined) say(took(end.usage.model, end.usage.wallMs));
}

const ended = ({ exitCode, signal, error }: CheckEvent | ExecutionEvent): string =>
  error?.message ?? (exitCode === undefined ? (signal ?? 'ended') : `exit code ${String(exitCode)}`);

/** Turns, tokens, dollars and time. */
function took(usage: ModelUsage, wallMs: number): string {
  const { turns, usd } = usage;
  const tokens = tokensOf(usage).toLocaleString('en-US');
  const parts = [`${String(turns)} ${turns === 1 ? 'turn' : 'turns'}`, `${tokens} tokens`];
  if (usd !== undefined) parts.push(`$${usd.toFixed(usd < 0.1 ? 4 : 2)}`);
  return [...parts, `${(wallMs / 1000).toFixed(1)} s`].join(', ');
}

function line({ operation, path, size }: ChangeEvent): string {
  const what = `${SIGNS[operation]} ${displayPath(path)}`;
  return operation === 'delete' ? what : `${what} (${String(size)} bytes)`;
}
