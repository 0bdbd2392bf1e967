/**
 * Work that tells of itself, as a stream that its reader paces not: what is told while the reader is busy waits.
 * When the work throws, so does the stream, after all that was told. Who stops reading ends the work by its signal.
 */
export async function* eventStream<T>(
  work: (tell: (event: T) => void, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const leaving = new AbortController();
  const either = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
  const told: T[] = [];
  let wake: () => void = () => undefined;
  const state = { ended: false };
  const working = work((event) => {
    told.push(event);
    wake();
  }, either).finally(() => {
    state.ended = true;
    wake();
  });
  // It is waited for below; until then nobody listens.
  working.catch(() => undefined);
  try {
    for (;;) {
      yield* told.splice(0);
      if (told.length > 0) continue;
      if (state.ended) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    await working;
  } finally {
    leaving.abort();
    // What stops has to clean up behind it.
    await working.catch(() => undefined);
  }
}
