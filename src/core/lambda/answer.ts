import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../protocol/error.ts';
import { isTerminal } from '../../protocol/event.ts';

/** The frames of an answer, as they come. */
export type Frames = AsyncGenerator<object, void, undefined>;

/** Waits, in milliseconds, between tries where there is no room for a call. */
export const BUSY_DELAYS: readonly number[] = [500, 1000, 2000, 4000, 8000, 15_000];

export const typeOf = (frame: object): string =>
  'type' in frame && typeof frame.type === 'string' ? frame.type : '';

/** Frames that are a whole answer, or its end. */
const LAST: ReadonlySet<string> = new Set(['grant', 'address', 'environment', 'missing', 'done', 'error']);

/** Whether nothing comes after a frame. */
export const isLast = (frame: object): boolean => {
  const type = typeOf(frame);
  return (
    LAST.has(type) || isTerminal({ type }) || (type === 'blob' && 'last' in frame && frame.last === true)
  );
};

export const unanswered = (): OffloadError =>
  new OffloadError('interrupted', 'The backend in AWS has ended its answer before it was complete.');

/**
 * The frames of an answer. A call that fails before it has answered anything is made again, after as many milliseconds as
 * `wait` says of the error; it throws what is not to be tried again.
 */
export async function* calledAgain(
  call: () => Frames,
  wait: (error: OffloadError) => number,
  signal: AbortSignal | undefined,
): Frames {
  for (let begun = false; ;) {
    try {
      for await (const frame of call()) {
        begun = true;
        yield frame;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (begun || !(error instanceof OffloadError)) throw error;
      const milliseconds = wait(error);
      if (milliseconds > 0) await delay(milliseconds, undefined, { signal });
    }
  }
}

/** What a run that was begun outlives: the answer was cut, or the function that gave it has gone. */
export const isInterruption = (error: unknown): boolean =>
  error instanceof OffloadError &&
  ['interrupted', 'bad-frame', 'backend-lost', 'timeout'].includes(error.code);
