import { encodeFrame } from '../../../src/protocol/frame.ts';

/** How a run ends: well, or because somebody outside of its network answers. */
export type RunEnd = 'completed' | 'open';

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
  const last =
    end === 'completed'
      ? { seq: 2, time: 2, type: 'completed', exitCode: 0, usage }
      : { seq: 2, time: 2, type: 'failed', error, usage };
  return encodeFrame(begin) + encodeFrame(last);
}
