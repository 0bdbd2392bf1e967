import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../../src/protocol/error.ts';
import type { RunKeys } from '../run-keys.ts';
import type { Store } from '../store.ts';
import { encodeFence, encodeSegment, newWriter } from './segment.ts';

/** Milliseconds between tries to write, the last one over and over. */
const RETRY_DELAYS = [50, 200, 500, 1000, 2000];

/** Somebody else has the place of a segment: the epoch is over for this writer. */
export class Fenced extends Error {
  constructor() {
    super('Another one has taken over the journal of this run.');
  }
}

/**
 * Writes the segments of one epoch, one after the other. Each place is taken by a single write, whoever tries: so whoever
 * has the first one has the epoch, and whoever finds a place taken has lost it. What {@link append} has resolved for is
 * part of the journal for good.
 */
export class SegmentWriter {
  readonly #store: Pick<Store, 'get' | 'put'>;
  readonly #keys: Pick<RunKeys, 'segment'>;
  readonly #epoch: number;
  readonly #writer = newWriter();
  #index = 1;

  constructor(store: Pick<Store, 'get' | 'put'>, keys: Pick<RunKeys, 'segment'>, epoch: number, index = 1) {
    this.#store = store;
    this.#keys = keys;
    this.#epoch = epoch;
    this.#index = index;
  }

  /** How many segments there are. */
  get written(): number {
    return this.#index - 1;
  }

  /**
   * Writes lines of events; none, to take the epoch. Not to be called again before it has resolved.
   * @throws Fenced; OffloadError where asking the store again does not help; the signal's reason
   */
  async append(lines: Buffer, signal?: AbortSignal): Promise<void> {
    await this.#take(encodeSegment(this.#writer, lines), signal);
  }

  /** Ends the epoch in favour of another one. As {@link append}. */
  async fence(epoch: number, signal?: AbortSignal): Promise<void> {
    await this.#take(encodeFence(this.#writer, epoch), signal);
  }

  async #take(bytes: Buffer, signal: AbortSignal | undefined): Promise<void> {
    const key = this.#keys.segment(this.#epoch, this.#index);
    for (let attempt = 0; ; attempt++) {
      try {
        const taken = await this.#store.put(key, bytes, { ifNoneMatch: '*' });
        if (taken === undefined && !(await this.#isOwn(key, bytes))) throw new Fenced();
        this.#index++;
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (!mayHelpToAskAgain(error)) throw error;
        await delay(RETRY_DELAYS[attempt] ?? RETRY_DELAYS.at(-1), undefined, { signal }).catch(
          () => undefined,
        );
        signal?.throwIfAborted();
      }
    }
  }

  /** An earlier try may have been carried out although its answer was lost. */
  async #isOwn(key: string, bytes: Buffer): Promise<boolean> {
    const found = await this.#store.get(key);
    return found?.bytes.equals(bytes) === true;
  }
}

const mayHelpToAskAgain = (error: unknown): boolean =>
  error instanceof OffloadError && error.code === 'interrupted';
