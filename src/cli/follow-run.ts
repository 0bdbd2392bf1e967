import { follow, type FollowStart } from '../core/run/follow.ts';
import { INITIAL_STATE, reduce, type RunState } from '../core/run/state.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { OffloadError } from '../protocol/error.ts';
import { beforeEnd } from './broken-output.ts';
import { drained, type Show } from './show.ts';

/** What an interruption does to a run: `stop` ends the turn of a task's agent, `cancel` ends the run. */
export type InterruptStep = 'stop' | 'cancel';

export interface FollowOptions {
  show: Show;
  /** What Ctrl+C does, one step each time; once more, and at once where there is none, it leaves the run alone. */
  interrupts: readonly InterruptStep[];
  /** The number of the last event that is not shown; all are where absent. */
  showAfter?: number;
}

/** How a run went, as far as it was followed. */
export interface Followed {
  state: RunState;
  /** Whether it was interrupted from here. */
  interrupted: boolean;
}

const SIGINT_EXIT = 130;

/**
 * Shows a run until its terminal event. Ctrl+C takes the next of the steps and waits for the end; when there is none left,
 * it leaves at once. A request to end (SIGTERM), and output that can no longer be written, cancel it when it is ours to
 * cancel.
 */
export async function followRun(
  sandbox: Sandbox,
  start: FollowStart,
  options: FollowOptions,
): Promise<Followed> {
  const { show, showAfter = 0 } = options;
  const runId = 'request' in start ? start.request.runId : start.runId;
  const leaving = new AbortController();
  const ours = options.interrupts.length > 0;
  const steps = [...options.interrupts];
  let state = INITIAL_STATE;
  let asked: InterruptStep | undefined;
  const take = (step: InterruptStep): void => {
    asked = step;
    const begun = state.seq > 0;
    carryOut(sandbox, runId, step).catch((error: unknown) => {
      // A run that is not there yet is interrupted with its first event.
      if (begun || !isUnknownRun(error)) leaving.abort(error);
    });
  };
  const onInterrupt = (): void => {
    const step = steps.shift();
    if (step === undefined) process.exit(SIGINT_EXIT);
    take(step);
  };
  const onEnd = (): void => {
    if (!ours || asked === 'cancel') process.exit(SIGINT_EXIT);
    steps.length = 0;
    take('cancel');
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onEnd);
  const forget = beforeEnd(() => (ours ? sandbox.cancel(runId) : Promise.resolve()));
  try {
    for await (const event of follow(sandbox, start, leaving.signal)) {
      const first = state.seq === 0;
      state = reduce(state, event);
      if (first && asked !== undefined) take(asked);
      if (event.seq <= showAfter) continue;
      show.event(event);
      await drained();
    }
    return { state, interrupted: asked !== undefined };
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onEnd);
    forget();
    show.end?.();
  }
}

async function carryOut(sandbox: Sandbox, runId: string, step: InterruptStep): Promise<void> {
  if (step === 'stop') {
    try {
      await sandbox.input(runId, { type: 'interrupt' });
      return;
    } catch (error) {
      // The agent is done, and what follows its work can only be cancelled.
      if (!(error instanceof OffloadError) || error.code !== 'run-ended') throw error;
    }
  }
  await sandbox.cancel(runId);
}

const isUnknownRun = (error: unknown): boolean =>
  error instanceof OffloadError && error.code === 'unknown-run';

const TIMEOUT_EXIT = 124;
const BUDGET_EXIT = 3;
const FAILED_EXIT = 1;

/**
 * The exit code that says how a run ended: the program's own, or what shells use. `interrupted`: the user ended the turn of
 * a task's agent.
 */
export function exitCodeOf({ end }: RunState, interrupted = false): number {
  if (end === undefined) return FAILED_EXIT;
  switch (end.type) {
    case 'completed':
      if (end.exitCode !== undefined) return end.exitCode;
      // A program has at least the signal that it died of, a task has neither.
      if (end.signal !== undefined) return FAILED_EXIT;
      if (interrupted) return SIGINT_EXIT;
      return end.verified === false ? FAILED_EXIT : 0;
    case 'cancelled':
      return SIGINT_EXIT;
    case 'failed':
      if (end.error.code === 'timeout') return TIMEOUT_EXIT;
      return end.error.code === 'budget-reached' ? BUDGET_EXIT : FAILED_EXIT;
  }
}
