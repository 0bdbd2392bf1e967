import type { Budget } from '../../../src/protocol/task.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';
import { DEAREST, type Price } from './prices.ts';
import { allTokens, costOf, NANO, NO_TOKENS, type Terms, type Tokens } from './tokens.ts';

/** What a call may take, before it is made. */
export interface Ask {
  /** The price of its model; undefined where it is not known. */
  price: Price | undefined;
  /** See {@link costOf}. */
  factor: number;
  inputTokens: number;
  maxTokens: number;
  /** So far as the request asks for them. */
  terms: Terms;
}

/** A part of the budget that is kept for one call. Settled once, whatever becomes of the call. */
export interface Reservation {
  /** What the call may have as `max_tokens`. */
  readonly maxTokens: number;
  /** Gives back what was kept and counts what was taken; nothing where the call came to nothing. */
  settle(taken?: { tokens: Tokens; terms: Terms }): void;
}

/** Money in billionths of a dollar, and tokens of all kinds. */
interface Sum {
  nano: number;
  tokens: number;
}

/**
 * Answers have so many tokens at most, as good as always. One that asks for more gets no more than half of what is left,
 * so that agents that work side by side need not wait for each other.
 */
const USUAL_ANSWER = 16_384;

/**
 * What a run's models took, and what of its budget is left. A call is made when what it may take is kept for it: its
 * input at the full price and `max_tokens` of output, which is lowered to what is left. While calls are under way, one
 * that is not covered waits for what they give back; alone, it is refused. So the budget is passed only by what an
 * input's estimate was too low.
 */
export class Ledger {
  readonly #budget: Budget;
  readonly #notice: (text: string) => void;
  readonly #spent: Sum = { nano: 0, tokens: 0 };
  readonly #kept: Sum = { nano: 0, tokens: 0 };
  #underWay = 0;
  #waiting: (() => void)[] = [];
  #unpriced = false;
  #noticed = false;
  readonly #sums: Tokens = { ...NO_TOKENS };
  /** What was spent at known prices; the budget also counts the others. */
  #pricedNano = 0;
  #requests = 0;

  constructor(budget: Budget, notice: (text: string) => void) {
    this.#budget = budget;
    this.#notice = notice;
  }

  get usage(): ModelUsage {
    const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = this.#sums;
    return {
      turns: 0,
      requests: this.#requests,
      inputTokens: input,
      outputTokens: output,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite5m + cacheWrite1h,
      ...(this.#unpriced ? {} : { usd: this.#pricedNano / NANO }),
    };
  }

  /** Undefined where the budget does not cover the call. Rejects when the signal is aborted while the call waits. */
  async reserve(ask: Ask, signal: AbortSignal): Promise<Reservation | undefined> {
    if (ask.price === undefined) this.#noteUnknownPrice();
    for (;;) {
      signal.throwIfAborted();
      const maxTokens = this.#affordable(ask);
      if (maxTokens >= 1) return this.#keep(ask, maxTokens);
      if (this.#underWay === 0) return undefined;
      await this.#change(signal);
    }
  }

  #keep(ask: Ask, maxTokens: number): Reservation {
    const kept = this.#sum(ask, { ...NO_TOKENS, input: ask.inputTokens, output: maxTokens });
    this.#kept.nano += kept.nano;
    this.#kept.tokens += kept.tokens;
    this.#underWay += 1;
    this.#requests += 1;
    let settled = false;
    return {
      maxTokens,
      settle: (taken) => {
        if (settled) return;
        settled = true;
        this.#kept.nano -= kept.nano;
        this.#kept.tokens -= kept.tokens;
        this.#underWay -= 1;
        if (taken) this.#count(ask, taken.tokens, taken.terms);
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const wake of waiting) wake();
      },
    };
  }

  #count(ask: Ask, tokens: Tokens, terms: Terms): void {
    for (const kind of Object.keys(tokens) as (keyof Tokens)[]) this.#sums[kind] += tokens[kind];
    const sum = this.#sum(ask, tokens, terms);
    this.#spent.nano += sum.nano;
    this.#spent.tokens += sum.tokens;
    if (ask.price === undefined) this.#unpriced = true;
    else this.#pricedNano += sum.nano;
  }

  /** How many tokens of output the budget covers, up to what is asked for; less than 1 where not even the input. */
  #affordable(ask: Ask): number {
    const covered = this.#covered(ask, ask.maxTokens, 1);
    if (covered <= USUAL_ANSWER) return covered;
    return Math.max(USUAL_ANSWER, this.#covered(ask, covered, 0.5));
  }

  /** The most tokens of output, up to `most`, that with the input take no more than a share of what is left. */
  #covered(ask: Ask, most: number, share: number): number {
    const left = this.#left();
    const fits = (output: number): boolean => {
      const sum = this.#sum(ask, { ...NO_TOKENS, input: ask.inputTokens, output });
      return sum.nano <= left.nano * share && sum.tokens <= left.tokens * share;
    };
    if (fits(most)) return most;
    let [low, high] = [0, most];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  #left(): Sum {
    const { usd, tokens } = this.#budget;
    return {
      nano: usd === undefined ? Infinity : Math.round(usd * NANO) - this.#spent.nano - this.#kept.nano,
      tokens: tokens === undefined ? Infinity : tokens - this.#spent.tokens - this.#kept.tokens,
    };
  }

  /** A model whose price is not known takes nothing of the dollars where tokens are bounded; else it counts as the dearest. */
  #sum(ask: Ask, tokens: Tokens, terms = ask.terms): Sum {
    const price = ask.price ?? (this.#budget.tokens === undefined ? DEAREST : undefined);
    return {
      nano: price === undefined ? 0 : costOf(tokens, price, ask.factor, terms),
      tokens: allTokens(tokens),
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
