/** As shells say that a program was interrupted. */
export const INTERRUPTED_EXIT = 130;

/** A signal that Ctrl+C, or the end of the terminal, gives once. A second one ends the program at once. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      stop.abort(new Error('It was stopped.'));
    });
  }
  return stop.signal;
}
