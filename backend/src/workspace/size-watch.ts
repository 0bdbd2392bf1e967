import { asOffloadError, type OffloadError } from '../../../src/protocol/error.ts';
import { walkWithin } from './size.ts';

/** Milliseconds between two counts, when a count costs little. */
const INTERVAL = 200;
/** Counting may take one part in this many of the time. */
const COST_SHARE = 5;

/** Counts a folder's size while a program runs in it: a bound folder has no quota of its own. */
export class SizeWatch {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(folder: string, maxBytes: number, onExceeded: (error: OffloadError) => void) {
    const count = async (): Promise<void> => {
      const started = performance.now();
      try {
        for await (const _ of walkWithin(folder, maxBytes)) if (this.#stopped) return;
      } catch (error) {
        if (!this.#stopped) onExceeded(asOffloadError(error));
        return;
      }
      const cost = performance.now() - started;
      if (!this.#stopped) this.#timer = setTimeout(() => void count(), Math.max(INTERVAL, cost * COST_SHARE));
    };
    this.#timer = setTimeout(() => void count(), INTERVAL);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
