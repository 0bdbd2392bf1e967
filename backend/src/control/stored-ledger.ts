import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import { OffloadError } from '../../../src/protocol/error.ts';
import { entriesSchema } from '../checkpoint/checkpoint-state.ts';
import type { Budget } from '../../../src/protocol/task.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';
import { Account, NO_ENTRIES, type Ask, type Entries, type Sum } from '../relay/account.ts';
import type { Reservation, RunLedger } from '../relay/ledger.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Milliseconds between two looks whether another call has given back what it kept. */
const INTERVAL = 250;

const ledgerSchema = z.object({
  entries: entriesSchema,
  /** When what is kept for each call that is under way counts as spent: who made it is gone by then. */
  underWay: z.record(z.string(), z.number()),
});

interface Written {
  entries: Entries;
  underWay: Map<string, number>;
}

/**
 * A run's ledger in the store: calls of one run may come to several environments of control at once. What a call may take
 * is kept before it is made; where whoever made it has died, it stays kept.
 */
export class StoredLedger implements RunLedger {
  readonly #store: Pick<Store, 'get' | 'put'>;
  readonly #key: string;
  readonly #budget: Budget;
  readonly #callTime: number;
  #last = NO_ENTRIES;
  readonly #settling = new Set<Promise<void>>();

  /** @param callTime milliseconds that a call can take at most */
  constructor(
    store: Pick<Store, 'get' | 'put'>,
    keys: Pick<RunKeys, 'ledger'>,
    budget: Budget,
    callTime: number,
  ) {
    this.#store = store;
    this.#key = keys.ledger;
    this.#budget = budget;
    this.#callTime = callTime;
  }

  get usage(): ModelUsage {
    return new Account(this.#budget, this.#last).usage;
  }

  async reserve(ask: Ask, signal: AbortSignal): Promise<Reservation | undefined> {
    const id = randomBytes(8).toString('hex');
    for (;;) {
      signal.throwIfAborted();
      let maxTokens = 0;
      let others = 0;
      let kept: Sum = { nano: 0, tokens: 0 };
      await this.#change((account, underWay) => {
        // Written by a try whose answer was lost.
        if (underWay.has(id)) return false;
        maxTokens = account.affordable(ask);
        others = [...underWay.values()].filter((until) => until > Date.now()).length;
        if (maxTokens < 1) return false;
        kept = account.keep(ask, maxTokens);
        underWay.set(id, Date.now() + this.#callTime);
        return true;
      });
      if (maxTokens >= 1) return this.#reservation(id, ask, maxTokens, kept);
      if (others === 0) return undefined;
      await delay(INTERVAL, undefined, { signal });
    }
  }

  /** Resolves when all that was settled is written down. @throws what the store fails with */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  #reservation(id: string, ask: Ask, maxTokens: number, kept: Sum): Reservation {
    let settled = false;
    return {
      maxTokens,
      settle: (taken) => {
        if (settled) return;
        settled = true;
        const own = new Account(this.#budget, this.#last);
        own.settle(ask, kept, taken);
        this.#last = own.entries;
        const writing = this.#change((account, underWay) => {
          if (!underWay.has(id)) return false;
          account.settle(ask, kept, taken);
          underWay.delete(id);
          return true;
        });
        writing.catch(() => undefined);
        this.#settling.add(writing);
      },
    };
  }

  /** Reads, changes and writes in one step among all that do. */
  async #change(act: (account: Account, underWay: Map<string, number>) => boolean): Promise<void> {
    for (;;) {
      const there = await this.#store.get(this.#key);
      const { entries, underWay } = there === undefined ? nothing() : parsed(there.bytes);
      const account = new Account(this.#budget, entries);
      if (!act(account, underWay)) {
        this.#last = account.entries;
        return;
      }
      const bytes = Buffer.from(JSON.stringify(encoded(account.entries, underWay)));
      const condition = there === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: there.etag };
      if ((await this.#store.put(this.#key, bytes, condition)) === undefined) continue;
      this.#last = account.entries;
      return;
    }
  }
}

/** How many calls of the model a run has made. */
export async function requestsOf(
  store: Pick<Store, 'get'>,
  { ledger }: Pick<RunKeys, 'ledger'>,
): Promise<number> {
  const found = await store.get(ledger);
  return found === undefined ? 0 : parsed(found.bytes).entries.requests;
}

const nothing = (): Written => ({ entries: NO_ENTRIES, underWay: new Map() });

const encoded = (entries: Entries, underWay: ReadonlyMap<string, number>): z.infer<typeof ledgerSchema> => ({
  entries,
  underWay: Object.fromEntries(underWay),
});

function parsed(bytes: Buffer): Written {
  const ledger = z.safeParse(ledgerSchema, JSON.parse(bytes.toString()));
  if (ledger.success)
    return { entries: ledger.data.entries, underWay: new Map(Object.entries(ledger.data.underWay)) };
  throw new OffloadError('internal', 'What the run has spent cannot be read.', { cause: ledger.error });
}
