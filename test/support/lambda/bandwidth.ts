import { setTimeout as sleep } from 'node:timers/promises';
import type { ThrottleOptions } from './types.ts';

/** Time, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds, from any zero. */
  now(): number;
  /** Resolves after that many milliseconds, or when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** A token bucket, full at first: what Lambda holds a streamed response back with. */
export class Bandwidth {
  readonly #throttle: ThrottleOptions;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(throttle: ThrottleOptions, clock: Clock = realClock) {
    this.#throttle = throttle;
    this.#clock = clock;
    this.#tokens = throttle.burstBytes;
    this.#filledAt = clock.now();
  }

  /** Resolves when that many bytes may go, or when the signal aborts. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const { burstBytes, bytesPerSecond } = this.#throttle;
    const now = this.#clock.now();
    const refill = ((now - this.#filledAt) / 1000) * bytesPerSecond;
    this.#filledAt = now;
    this.#tokens = Math.min(burstBytes, this.#tokens + refill) - bytes;
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens / bytesPerSecond) * 1000, signal);
  }
}
