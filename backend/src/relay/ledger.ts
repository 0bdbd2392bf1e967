import type { Budget } from '../../../src/protocol/task.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';
import { Account, type Ask, type Entries } from './account.ts';
import { DEAREST } from './prices.ts';
import type { Terms, Tokens } from './tokens.ts';

/** A part of the budget that is kept for one call. Settled once, whatever becomes of the call. */
export interface Reservation {
  /** What the call may have as `max_tokens`. */
  readonly maxTokens: number;
  /** Gives back what was kept and counts what was taken; nothing where the call came to nothing. */
  settle(taken?: { tokens: Tokens; terms: Terms }): void;
}

/** What a run's models took, and what of its budget is left, wherever that is written down. */
export interface RunLedger {
  readonly usage: ModelUsage;
  /** Undefined where the budget does not cover the call. Rejects when the signal is aborted while the call waits. */
  reserve(ask: Ask, signal: AbortSignal): Promise<Reservation | undefined>;
}

/**
 * What a run's models took, and what of its budget is left. A call is made when what it may take is kept for it: its
 * input at the full price and `max_tokens` of output, which is lowered to what is left. While calls are under way, one
 * that is not covered waits for what they give back; alone, it is refused. So the budget is passed only by what an
 * input's estimate was too low.
 */
export class Ledger implements RunLedger {
  readonly #budget: Budget;
  readonly #notice: (text: string) => void;
  readonly #account: Account;
  #underWay = 0;
  #waiting: (() => void)[] = [];
  #noticed = false;

  /** @param entries what was taken before */
  constructor(budget: Budget, notice: (text: string) => void, entries?: Entries) {
    this.#budget = budget;
    this.#notice = notice;
    this.#account = new Account(budget, entries);
  }

  get entries(): Entries {
    return this.#account.entries;
  }

  get usage(): ModelUsage {
    return this.#account.usage;
  }

  async reserve(ask: Ask, signal: AbortSignal): Promise<Reservation | undefined> {
    if (ask.price === undefined) this.#noteUnknownPrice();
    for (;;) {
      signal.throwIfAborted();
      const maxTokens = this.#account.affordable(ask);
      if (maxTokens >= 1) return this.#keep(ask, maxTokens);
      if (this.#underWay === 0) return undefined;
      await this.#change(signal);
    }
  }

  #keep(ask: Ask, maxTokens: number): Reservation {
    const kept = this.#account.keep(ask, maxTokens);
    this.#underWay += 1;
    let settled = false;
    return {
      maxTokens,
      settle: (taken) => {
        if (settled) return;
        settled = true;
        this.#account.settle(ask, kept, taken);
        this.#underWay -= 1;
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const wake of waiting) wake();
      },
    };
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(() => {
        signal.removeEventListener('abort', leave);
        resolve();
      });
    });
  }

  #noteUnknownPrice(): void {
    const { usd, tokens } = this.#budget;
    if (this.#noticed || usd === undefined) return;
    this.#noticed = true;
    this.#notice(
      tokens === undefined
        ? `The price of this model is not known. Its tokens count against the budget of $${String(usd)} at the ` +
            `highest price that is known ($${String(DEAREST.input)} for a million tokens of input, ` +
            `$${String(DEAREST.output)} of output). A budget in tokens bounds it exactly.`
        : `The price of this model is not known. It is bounded by the budget of ${String(tokens)} tokens alone.`,
    );
  }
}
