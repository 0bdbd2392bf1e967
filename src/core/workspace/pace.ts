import { setImmediate } from 'node:timers/promises';

/** Milliseconds of synchronous work at a stretch: what an editor's other work waits at most. */
const STRETCH_MS = 12;

/**
 * Cuts long synchronous work into stretches, between which others have their turn and the signal is looked at:
 * `if (pace.due()) await pace.rest()`, so that most steps cost no promise.
 */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #restAt: number;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#restAt = performance.now() + STRETCH_MS;
  }

  due(): boolean {
    return performance.now() >= this.#restAt;
  }

  /** Throws the signal's reason. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#restAt = performance.now() + STRETCH_MS;
  }
}
