import { OffloadError } from '../../../../src/protocol/error.ts';
import type { EventBody } from '../../../../src/protocol/event.ts';
import { encodeFrame } from '../../../../src/protocol/frame.ts';
import type { RunKeys } from '../run-keys.ts';
import type { Store } from '../store.ts';
import { Fenced, SegmentWriter } from './segment-writer.ts';
import type { Position } from './segment-reader.ts';

/** When a run was claimed, which its first event tells whoever writes it, and now: milliseconds since 1970. */
interface Times {
  claimed: number;
  now: number;
}

/** Milliseconds in which the store has to take the end of a run: whoever waits for it can ask again. */
const TAKEN_IN = 20_000;

/**
 * Ends the journal of a run whose writer is lost: fences its epoch off, so that it can add nothing any more, should it
 * live, and writes the end into the next one. Several may try at once; where another one was faster, or the writer lives
 * after all, nothing happens. Whoever reads on sees what came of it.
 * @param at where the journal was read to
 * @param error why, where it is known better
 * @returns whether this has ended it
 * @throws OffloadError where the store does not take it in time
 */
export async function endLost(
  store: Pick<Store, 'get' | 'put'>,
  runId: string,
  keys: RunKeys,
  at: Position,
  times: Times,
  error?: OffloadError,
): Promise<boolean> {
  return unlessTaken(async (signal) => {
    let { epoch } = at;
    // Nobody has an epoch without its first segment.
    if (at.index > 1) {
      await new SegmentWriter(store, keys, epoch, at.index).fence(epoch + 1, signal);
      epoch += 1;
    }
    const end = lostEnd(runId, at.seq, times, error ?? lost(at.seq));
    await new SegmentWriter(store, keys, epoch).append(end, signal);
  });
}

/**
 * Ends a run that nobody has begun: whoever would begin it finds its place taken. Nothing happens where somebody has.
 * @throws as {@link endLost}
 */
export async function endUnbegun(
  store: Pick<Store, 'get' | 'put'>,
  runId: string,
  keys: RunKeys,
  claimed: number,
  now: number,
): Promise<void> {
  const events: EventBody[] = [
    { type: 'phase', phase: 'queued', runId },
    { type: 'cancelled', usage: { wallMs: 0, outputBytes: 0 } },
  ];
  const lines = linesOf(events, 0, { claimed, now });
  await unlessTaken((signal) => new SegmentWriter(store, keys, 1).append(lines, signal));
}

/** Whether it was done, which it is not where another one has the place. */
async function unlessTaken(write: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new OffloadError('interrupted', 'The store does not take the end of the run.', TRY_AGAIN));
  }, TAKEN_IN);
  try {
    await write(late.signal);
    return true;
  } catch (error) {
    if (error instanceof Fenced) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const TRY_AGAIN = { fix: 'Try again in a moment.' };

const lost = (seq: number): OffloadError =>
  new OffloadError('interrupted', 'The function that carried the run out is gone.', {
    fix:
      seq === 0
        ? 'It had not begun: run it again.'
        : 'What came before is kept. Run it again, with more memory if it may have needed more.',
  });

function lostEnd(runId: string, seq: number, times: Times, cause: OffloadError): Buffer {
  const error = cause.toWire();
  const events: EventBody[] = [{ type: 'failed', error, usage: { wallMs: 0, outputBytes: 0 } }];
  if (seq === 0) events.unshift({ type: 'phase', phase: 'queued', runId });
  return linesOf(events, seq, times);
}

function linesOf(events: readonly EventBody[], before: number, { claimed, now }: Times): Buffer {
  const lines = events.map((event, index) => {
    const seq = before + 1 + index;
    return encodeFrame({ seq, time: seq === 1 ? claimed : now, ...event });
  });
  return Buffer.from(lines.join(''));
}
