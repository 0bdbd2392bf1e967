import { tokensOf } from '../core/task/progress.ts';
import type { ModelUsage } from '../protocol/usage.ts';
import { counted } from './counted.ts';

/** What models took, in words: `3 turns`, `12.3k tokens`, `$0.12`; none where nothing was asked of one. */
export function usageWords(usage: ModelUsage | undefined): string[] {
  if (usage === undefined || usage.requests + usage.turns === 0) return [];
  const words = [`${short(tokensOf(usage))} tokens`];
  // Known once the agent has told of its first.
  if (usage.turns > 0) words.unshift(counted(usage.turns, 'turn'));
  return usage.usd === undefined ? words : [...words, dollars(usage.usd)];
}

/** US dollars: `$0.0042`, `$0.12`, `$12.30`. */
export const dollars = (usd: number): string => `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;

function short(count: number): string {
  if (count < 1000) return String(count);
  return count < 999_500
    ? `${(count / 1000).toFixed(count < 99_950 ? 1 : 0)}k`
    : `${(count / 1e6).toFixed(1)}M`;
}
