import { setTimeout as sleep } from 'node:timers/promises';
import { messageEvents, type MessageEvent } from './events.ts';
import type { Failure } from './failure.ts';
import type { Turn } from './turn.ts';

/** Where the events of an answer go, in the framing of a transport. */
export interface EventSink {
  event(event: MessageEvent): void;
  /** Bytes that are no event of that framing. */
  garbage(): void;
  /** Cuts the connection. */
  cut(): void;
  end(): void;
}

/**
 * Streams a turn, with its pauses, up to where it is to fail. Aborted when the reader has left; a stream that stalls
 * ends only so. `onEvent` is called after each event that was written.
 */
export async function play(
  turn: Turn,
  failure: Failure | undefined,
  model: string,
  sink: EventSink,
  left: AbortSignal,
  onEvent: () => void,
): Promise<void> {
  const stop = failure !== undefined && 'afterEvents' in failure ? failure.afterEvents : Infinity;
  let number = 0;
  for (const event of messageEvents(turn, model)) {
    if (turn.hold?.event === number) await Promise.race([turn.hold.until, aborted(left)]);
    if (turn.delayMs !== undefined && number > 0) {
      await sleep(turn.delayMs, undefined, { signal: left }).catch(() => undefined);
    }
    if (left.aborted) return;
    if (number === stop && failure !== undefined) return fail(failure, sink, left);
    sink.event(event);
    onEvent();
    number += 1;
  }
  sink.end();
}

async function fail(failure: Failure, sink: EventSink, left: AbortSignal): Promise<void> {
  // What was written must have reached the reader before the connection goes.
  await sleep(20);
  switch (failure.fail) {
    case 'drop':
      sink.cut();
      return;
    case 'stall':
      await aborted(left);
      return;
    case 'garbage':
      sink.garbage();
      sink.end();
      return;
    case 'error-event':
      sink.event({ type: 'error', error: { type: failure.errorType, message: failure.message } });
      sink.end();
      return;
    case 'status':
    case 'refuse':
      throw new Error(`${failure.fail} is no failure in mid-stream`);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
