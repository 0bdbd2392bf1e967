import { costText, placeCost, type ModelUsage } from '../../src/protocol/usage.ts';

/** A number with its noun: `1 file`, `3 files`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** `840`, `12.3k`, `1.2M`. */
export function short(count: number): string {
  if (count < 1000) return String(count);
  if (count < 999_950) return `${(count / 1000).toFixed(count < 99_950 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** `$0.0031`, `$0.42`, `$12.50`: two digits that count, at least. */
export const dollars = (usd: number): string => `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;

/** `about $0.0021 on AWS`: what the place of a run has cost. */
export const placeCostWords = (...run: Parameters<typeof placeCost>): string =>
  `about ${costText(placeCost(...run))} on AWS`;

/** `0:07`, `12:30`, `1:02:30`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return h > 0 ? `${String(h)}:${two(m)}:${two(s)}` : `${String(m)}:${two(s)}`;
}

/** What models took, in a few words; the whole of it is for a tooltip. */
export function usageWords(usage: ModelUsage): { short: string; long: string } {
  const tokens = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const cost = usage.usd === undefined ? [] : [dollars(usage.usd)];
  return {
    short: [counted(usage.turns, 'turn'), `${short(tokens)} tokens`, ...cost].join(' · '),
    long: [
      counted(usage.requests, 'request'),
      `${usage.inputTokens.toLocaleString('en')} tokens in`,
      `${usage.outputTokens.toLocaleString('en')} out`,
      `${usage.cacheReadTokens.toLocaleString('en')} read from the cache`,
      `${usage.cacheWriteTokens.toLocaleString('en')} written to it`,
      ...(usage.usd === undefined ? ['the price is not known'] : cost),
    ].join(', '),
  };
}
