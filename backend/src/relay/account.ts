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

/** Money in billionths of a dollar, and tokens of all kinds. */
export interface Sum {
  nano: number;
  tokens: number;
}

/** What was taken from a budget, as plain data. */
export interface Entries {
  spent: Sum;
  /** What is kept for calls under way. */
  kept: Sum;
  requests: number;
  /** By kind. */
  sums: Tokens;
  /** What was spent at known prices; the budget also counts the others. */
  pricedNano: number;
  /** Whether a model was used whose price is not known. */
  unpriced: boolean;
}

/** The entries of an account of which nothing was taken. */
export const NO_ENTRIES: Entries = {
  spent: { nano: 0, tokens: 0 },
  kept: { nano: 0, tokens: 0 },
  requests: 0,
  sums: NO_TOKENS,
  pricedNano: 0,
  unpriced: false,
};

/**
 * Answers have so many tokens at most, as good as always. One that asks for more gets no more than half of what is left,
 * so that agents that work side by side need not wait for each other.
 */
const USUAL_ANSWER = 16_384;

/** A budget and what was taken from it: what a call may still take, and what each has taken. */
export class Account {
  readonly #budget: Budget;
  readonly #entries: Entries;

  constructor(budget: Budget, entries: Entries = NO_ENTRIES) {
    this.#budget = budget;
    this.#entries = structuredClone(entries);
  }

  get entries(): Entries {
    return structuredClone(this.#entries);
  }

  get usage(): ModelUsage {
    const { sums, requests, unpriced, pricedNano } = this.#entries;
    return {
      turns: 0,
      requests,
      inputTokens: sums.input,
      outputTokens: sums.output,
      cacheReadTokens: sums.cacheRead,
      cacheWriteTokens: sums.cacheWrite5m + sums.cacheWrite1h,
      ...(unpriced ? {} : { usd: pricedNano / NANO }),
    };
  }

  /** Keeps for a call so many tokens of output and what its input may cost. @returns what was kept */
  keep(ask: Ask, maxTokens: number): Sum {
    const kept = this.#sum(ask, { ...NO_TOKENS, input: ask.inputTokens, output: maxTokens });
    this.#entries.kept.nano += kept.nano;
    this.#entries.kept.tokens += kept.tokens;
    this.#entries.requests += 1;
    return kept;
  }

  /** Gives back what was kept, and counts what was taken; nothing where the call came to nothing. */
  settle(ask: Ask, kept: Sum, taken: { tokens: Tokens; terms: Terms } | undefined): void {
    this.#entries.kept.nano -= kept.nano;
    this.#entries.kept.tokens -= kept.tokens;
    if (taken) this.#count(ask, taken.tokens, taken.terms);
  }

  /** How many tokens of output the budget covers, up to what is asked for; less than 1 where not even the input. */
  affordable(ask: Ask): number {
    const covered = this.#covered(ask, ask.maxTokens, 1);
    if (covered <= USUAL_ANSWER) return covered;
    return Math.max(USUAL_ANSWER, this.#covered(ask, covered, 0.5));
  }

  #count(ask: Ask, tokens: Tokens, terms: Terms): void {
    const { sums, spent } = this.#entries;
    for (const kind of Object.keys(tokens) as (keyof Tokens)[]) sums[kind] += tokens[kind];
    const sum = this.#sum(ask, tokens, terms);
    spent.nano += sum.nano;
    spent.tokens += sum.tokens;
    if (ask.price === undefined) this.#entries.unpriced = true;
    else this.#entries.pricedNano += sum.nano;
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
    const { spent, kept } = this.#entries;
    return {
      nano: usd === undefined ? Infinity : Math.round(usd * NANO) - spent.nano - kept.nano,
      tokens: tokens === undefined ? Infinity : tokens - spent.tokens - kept.tokens,
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
}
