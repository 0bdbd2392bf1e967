import { setImmediate as nextTurn } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Condition, Store, Stored } from '../../../backend/src/store/store.ts';

type Part = Pick<Store, 'get' | 'put'>;

/** What can befall a step. A process that is killed hears of nothing any more. */
export type Fate = 'done' | 'killed before' | 'killed after' | 'answer lost';

interface Step {
  process: string;
  carryOut(fate: Fate): void;
}

/**
 * A store of which several processes want something at the same time: each of their requests is one step, and the order of
 * the steps, and what befalls each, is chosen from outside.
 */
export class SteppedStore {
  readonly objects = new Map<string, Stored>();
  readonly #waiting: Step[] = [];
  readonly #killed = new Set<string>();
  #tags = 0;

  /** The store as one process sees it. */
  as(process: string): Part {
    return {
      get: (key) => this.#step(process, () => this.objects.get(key)),
      put: (key, body, condition) => this.#step(process, () => this.#put(key, body as Buffer, condition)),
    };
  }

  /** Carries out steps until nobody wants one any more. */
  async run(choose: (count: number) => number, fateOf: (process: string) => Fate, idle = 100): Promise<void> {
    for (let turns = 0; turns < idle;) {
      await nextTurn();
      const [step] = this.#waiting.splice(choose(this.#waiting.length), 1);
      if (step === undefined) turns++;
      else if (!this.#killed.has(step.process)) {
        turns = 0;
        const fate = fateOf(step.process);
        if (fate.startsWith('killed')) this.#killed.add(step.process);
        step.carryOut(fate);
      }
    }
  }

  #step<T>(process: string, act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        process,
        carryOut: (fate) => {
          if (fate === 'killed before') return;
          const result = act();
          if (fate === 'done') resolve(result);
          if (fate === 'answer lost') reject(new OffloadError('interrupted', 'The answer was lost.'));
        },
      });
    });
  }

  #put(key: string, bytes: Buffer, condition: Condition | undefined): string | undefined {
    const there = this.objects.get(key);
    if (condition !== undefined && 'ifNoneMatch' in condition && there !== undefined) return undefined;
    if (condition !== undefined && 'ifMatch' in condition && there?.etag !== condition.ifMatch)
      return undefined;
    const etag = String(++this.#tags);
    this.objects.set(key, { bytes, etag, modified: 0 });
    return etag;
  }
}
