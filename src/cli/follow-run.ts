import { follow, type FollowStart } from '../core/run/follow.ts';
import { INITIAL_STATE, reduce, type RunState } from '../core/run/state.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { OffloadError } from '../protocol/error.ts';
import { beforeEnd } from './broken-output.ts';
import { drained, jsonShow, plainShow } from './show.ts';

export interface FollowOptions {
  json: boolean;
  /** Whether Ctrl+C cancels the run; else it only leaves it. */
  cancelOnInterrupt: boolean;
  /** The number of the last event that is not shown; all are where absent. */
  showAfter?: number;
}

const SIGINT_EXIT = 130;

/**
 * Shows a run until its terminal event. Ctrl+C cancels it and waits for the end; a second one leaves at once. Output
 * that can no longer be written cancels it too, when it is ours to cancel.
 */
export async function followRun(
  sandbox: Sandbox,
  start: FollowStart,
  options: FollowOptions,
): Promise<RunState> {
  const { cancelOnInterrupt, showAfter = 0 } = options;
  const runId = 'request' in start ? start.request.runId : start.runId;
  const leaving = new AbortController();
  const show = options.json ? jsonShow() : plainShow();
  let state = INITIAL_STATE;
  let interrupts = 0;
  const cancel = (): void => {
    const begun = state.seq > 0;
    sandbox.cancel(runId).catch((error: unknown) => {
      // A run that is not there yet is cancelled with its first event.
      if (begun || !isUnknownRun(error)) leaving.abort(error);
    });
  };
  const onInterrupt = (): void => {
    interrupts++;
    if (interrupts > 1 || !cancelOnInterrupt) process.exit(SIGINT_EXIT);
    cancel();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  const forget = beforeEnd(() => (cancelOnInterrupt ? sandbox.cancel(runId) : Promise.resolve()));
  try {
    for await (const event of follow(sandbox, start, leaving.signal)) {
      const first = state.seq === 0;
      state = reduce(state, event);
      if (first && interrupts > 0) cancel();
      if (event.seq <= showAfter) continue;
      show.event(event);
      await drained();
    }
    return state;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    forget();
  }
}

const isUnknownRun = (error: unknown): boolean =>
  error instanceof OffloadError && error.code === 'unknown-run';

const TIMEOUT_EXIT = 124;
const FAILED_EXIT = 1;

/** The exit code that says how a run ended: the program's own, or what shells use. */
export function exitCodeOf({ end }: RunState): number {
  if (end === undefined) return FAILED_EXIT;
  switch (end.type) {
    case 'completed':
      return end.exitCode ?? FAILED_EXIT;
    case 'cancelled':
      return SIGINT_EXIT;
    case 'failed':
      return end.error.code === 'timeout' ? TIMEOUT_EXIT : FAILED_EXIT;
  }
}
