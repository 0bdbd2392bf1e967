import type { Price } from './prices.ts';
import { US_ONLY_FACTOR, WEB_SEARCH_USD } from './prices.ts';

/** What an answer took, in tokens. */
export interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
}

/** What else an answer is charged by. */
export interface Terms {
  fast: boolean;
  usOnly: boolean;
  webSearches: number;
}

export const NO_TOKENS: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
export const USUAL_TERMS: Terms = { fast: false, usOnly: false, webSearches: 0 };

const promptTokens = (tokens: Tokens): number =>
  tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;

/** Tokens of the prompt and of the answer. */
export const allTokens = (tokens: Tokens): number => promptTokens(tokens) + tokens.output;

/** Sums of money are whole numbers of billionths of a US dollar, so that sums are exact. */
export const NANO = 1_000_000_000;

/** What tokens take at a price, times a factor, in billionths of a dollar. */
export function costOf(tokens: Tokens, price: Price, factor: number, terms: Terms = USUAL_TERMS): number {
  const long = price.long !== undefined && promptTokens(tokens) > price.long.above ? price.long : undefined;
  const input =
    tokens.input * price.input +
    tokens.cacheRead * price.cacheRead +
    tokens.cacheWrite5m * price.cacheWrite5m +
    tokens.cacheWrite1h * price.cacheWrite1h;
  const micro = input * (long?.input ?? 1) + tokens.output * price.output * (long?.output ?? 1);
  const times = factor * (terms.fast ? price.fast : 1) * (terms.usOnly ? US_ONLY_FACTOR : 1);
  return Math.round(micro * times * 1000) + Math.round(terms.webSearches * WEB_SEARCH_USD * NANO);
}
