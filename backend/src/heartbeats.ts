import { encodeFrame } from '../../src/protocol/frame.ts';

/** Milliseconds of silence after which a follower is told that the run is still there. */
const INTERVAL = 5000;

/** Why a follower stops: an error object of its own each time would be dear. */
const LEFT = new Error('The reader has left.');

type Follow = (signal: AbortSignal) => AsyncGenerator<Buffer, void, undefined>;

/** Frames with a heartbeat where none came for a while. Heartbeats are in no journal and have no number. */
export async function* withHeartbeats(
  follow: Follow,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const leaving = new AbortController();
  const frames = follow(AbortSignal.any([signal, leaving.signal]));
  try {
    let next = frames.next();
    for (;;) {
      const frame = await within(next, INTERVAL);
      if (frame === undefined) {
        yield Buffer.from(encodeFrame({ type: 'heartbeat', time: Date.now() }));
        continue;
      }
      if (frame.done === true) return;
      yield frame.value;
      next = frames.next();
    }
  } finally {
    leaving.abort(LEFT);
    await frames.return();
  }
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
