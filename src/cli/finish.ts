import { displayPath } from '../core/changes/display.ts';
import type { RunState } from '../core/run/state.ts';
import { runCost } from '../core/targets/cost.ts';
import { tokensOf } from '../core/task/progress.ts';
import type { Sandbox } from '../core/sandbox.ts';
import type { ChangeEvent, CheckEvent, ExecutionEvent } from '../protocol/event.ts';
import { costText, type ModelUsage } from '../protocol/usage.ts';
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
  /** About what an hour costs where it was, in US dollars. */
  hourUsd?: number | undefined;
}

/** What follows a run: why it failed, the files that changed, and these written to a folder when one is given. */
export async function finish(
  sandbox: Sandbox,
  runId: string,
  { state, interrupted }: Followed,
  { json, out, allowGuarded, hourUsd }: FinishOptions,
): Promise<number> {
  if (!json) sayEnd(state, hourUsd);
  const whole = out === undefined || (await writeOut(state.changes, { sandbox, runId, out, allowGuarded }));
  const code = exitCodeOf(state, interrupted);
  return code === 0 && !whole ? 1 : code;
}

/**
 * Says how a run has ended: why it failed; of a task, what came of it and what it took; the files that changed.
 * @param hourUsd about what an hour costs where it was
 */
export function sayEnd(state: RunState, hourUsd?: number): void {
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
  if (hourUsd !== undefined) say(`about ${costText(runCost(state, hourUsd))} on AWS, besides the model`);
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
