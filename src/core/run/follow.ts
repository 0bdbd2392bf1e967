import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../protocol/error.ts';
import { isTerminal, type RunEvent } from '../../protocol/event.ts';
import type { RunRequest } from '../../protocol/request.ts';
import type { TaskRequest } from '../../protocol/task.ts';
import type { Sandbox } from '../sandbox.ts';

/** What to follow: a run that is submitted now, or one that is there, from a cursor. */
export type FollowStart = { request: RunRequest | TaskRequest } | { runId: string; after: number };

/** Waits between attempts to reach a run again, in milliseconds; then it is given up. */
const RETRY_DELAYS = [0, 50, 200, 500, 1000, 2000, 4000];

/**
 * Follows a run to its terminal event, across broken connections and restarts of the backend: each event once, in
 * order, the terminal one last. `signal` stops following and leaves the run alone.
 * @param onAlive called when the backend says that it is still there, while the run says nothing
 * @throws OffloadError `interrupted` when the run can no longer be reached; whatever the backend refuses with.
 */
export async function* follow(
  sandbox: Sandbox,
  start: FollowStart,
  signal?: AbortSignal,
  onAlive?: () => void,
): AsyncGenerator<RunEvent, void, undefined> {
  const runId = 'request' in start ? start.request.runId : start.runId;
  let after = 'request' in start ? 0 : start.after;
  let submitted = !('request' in start);
  let interruption: Error | undefined;
  for (let attempt = 0; ; attempt++) {
    const isSubmission = 'request' in start && !submitted;
    try {
      const stream = isSubmission
        ? sandbox.submit(start.request, signal)
        : sandbox.attach(runId, after, signal, onAlive);
      for await (const event of stream) {
        submitted = true;
        if (event.seq <= after) continue;
        if (event.seq !== after + 1) throw gap(after, event.seq);
        after = event.seq;
        attempt = 0;
        yield event;
        if (isTerminal(event)) return;
      }
      throw new OffloadError('interrupted', 'The connection ended before the run did.');
    } catch (error) {
      signal?.throwIfAborted();
      if (interruption !== undefined && isRefusedAttach(error)) throw interruption;
      const wait = RETRY_DELAYS[attempt];
      if (!isInterruption(error, { submitted, isSubmission }) || wait === undefined) throw error;
      interruption = error;
      await delay(wait, undefined, { signal });
    }
  }
}

const gap = (after: number, seq: number) =>
  new OffloadError('interrupted', `The stream jumped from event ${String(after)} to ${String(seq)}.`);

/**
 * A line that was cut is an interruption for a run that was submitted, and a failure before. So is a backend that is not
 * there for who comes back to a run; who submits it is told, even where it was claimed and has nobody to carry it out.
 */
const isInterruption = (
  error: unknown,
  { submitted, isSubmission }: { submitted: boolean; isSubmission: boolean },
): error is OffloadError =>
  error instanceof OffloadError &&
  (error.code === 'interrupted' ||
    (submitted && error.code === 'bad-frame') ||
    (!isSubmission && error.code === 'no-backend'));

/** A target without a store cannot be attached to: there an interruption is final. */
const isRefusedAttach = (error: unknown): boolean =>
  error instanceof OffloadError && error.code === 'not-supported';
