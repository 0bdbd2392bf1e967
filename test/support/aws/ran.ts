import { encodeFrame } from '../../../src/protocol/frame.ts';

/** How a run ends: well, because somebody outside of its network answers, or cancelled. */
export type RunEnd = 'completed' | 'open' | 'cancelled';

/** The answer to a `run` that has ended like this. */
export function ran(request: object, end: RunEnd): string {
  const usage = { wallMs: 1, outputBytes: 0 };
  const runId = 'runId' in request ? request.runId : '';
  const begin = { seq: 1, time: 1, type: 'phase', phase: 'queued', runId };
  const error = {
    code: 'no-isolation',
    message: 'The runner is not closed to the network: a made-up host answers.',
    fix: 'Close it.',
    retryable: false,
  };
  const last = {
    completed: { type: 'completed', exitCode: 0, usage },
    open: { type: 'failed', error, usage },
    cancelled: { type: 'cancelled', usage },
  }[end];
  return encodeFrame(begin) + encodeFrame({ seq: 2, time: 2, ...last });
}
