import { encodeFrame } from '../../src/protocol/frame.ts';

/** Milliseconds of silence after which a follower is told that the run is still there. */
const INTERVAL = 5000;

/** Milliseconds that a follower has to end by itself when it is to: one that waits for a disk or a store may not hear it. */
const LEAVING_TIME = 1000;

/** Why a follower stops: an error object of its own each time would be dear. */
const LEFT = new Error('The reader has left.');

type Follow = (signal: AbortSignal) => AsyncGenerator<Buffer, void, undefined>;

/**
 * Frames with a heartbeat where none came for a while. Heartbeats are in no journal and have no number.
 * @param signal ends it: what the follower gives within a moment still comes
 */
export async function* withHeartbeats(
  follow: Follow,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const leaving = new AbortController();
  const frames = follow(AbortSignal.any([signal, leaving.signal]));
  let isStuck = false;
  try {
    let next = frames.next();
    for (;;) {
      const frame = await within(next, INTERVAL, signal);
      if (frame === undefined) {
        // A reader who has left needs none.
        isStuck = signal.aborted;
        if (isStuck) return;
        yield Buffer.from(encodeFrame({ type: 'heartbeat', time: Date.now() }));
        continue;
      }
      if (frame.done === true) return;
      yield frame.value;
      next = frames.next();
    }
  } finally {
    leaving.abort(LEFT);
    // It ends once what it waits for has come.
    const ended = frames.return();
    if (isStuck) ended.catch(() => undefined);
    else await ended;
  }
}

async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, signal.aborted ? LEAVING_TIME : milliseconds, undefined);
    leave = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, LEAVING_TIME, undefined);
    };
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}
