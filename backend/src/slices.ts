import { setImmediate as turn } from 'node:timers/promises';

/** Milliseconds of synchronous work after which others get their turn. */
const SLICE = 5;

/** Work on many small files is fastest by synchronous calls: this keeps it from holding everyone else up. */
export class Slices {
  #started = performance.now();

  /** A promise to wait for when it is the others' turn, else undefined. */
  next(): Promise<void> | undefined {
    return performance.now() - this.#started < SLICE ? undefined : this.#turn();
  }

  async #turn(): Promise<void> {
    await turn();
    this.#started = performance.now();
  }
}
