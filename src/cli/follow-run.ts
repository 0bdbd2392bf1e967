import { follow, type FollowStart } from '../core/run/follow.ts';
import { INITIAL_STATE, reduce, type RunState } from '../core/run/state.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { drained, jsonShow, plainShow } from './show.ts';

export interface FollowOptions {
  json: boolean;
  /** Whether Ctrl+C cancels the run; else it only leaves it. */
  cancelOnInterrupt: boolean;
}

const SIGINT_EXIT = 130;

/**
 * Shows a run until its terminal event. Ctrl+C cancels it and waits for the end; a second one leaves at once. A reader
 * of our output that goes away (a closed pipe) ends us as it ends other programs.
 */
export async function followRun(
  sandbox: Sandbox,
  start: FollowStart,
  options: FollowOptions,
): Promise<RunState> {
  const runId = 'request' in start ? start.request.runId : start.runId;
  const leaving = new AbortController();
  const show = options.json ? jsonShow() : plainShow();
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts++;
    if (interrupts > 1 || !options.cancelOnInterrupt) process.exit(SIGINT_EXIT);
    sandbox.cancel(runId).catch(() => {
      leaving.abort();
    });
  };
  const onPipeError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (options.cancelOnInterrupt) void sandbox.cancel(runId).finally(() => process.exit(SIGPIPE_EXIT));
    else process.exit(SIGPIPE_EXIT);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  process.stdout.on('error', onPipeError);
  let state = INITIAL_STATE;
  try {
    for await (const event of follow(sandbox, start, leaving.signal)) {
      state = reduce(state, event);
      show.event(event);
      await drained();
    }
    return state;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    process.stdout.off('error', onPipeError);
  }
}

const SIGPIPE_EXIT = 141;

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
