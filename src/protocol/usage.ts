import * as z from 'zod/mini';

const count = z.int().check(z.minimum(0));

/** What models took, as the relay has counted it. */
export const modelUsageSchema = z.object({
  /** Answers of the agent itself, sub-agents' left out, so far as the agent says. */
  turns: count,
  requests: count,
  /** Tokens that were neither read from the cache nor written to it. */
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  /** US dollars; absent where a model's price is not known. */
  usd: z.optional(z.number()),
});
export type ModelUsage = z.infer<typeof modelUsageSchema>;

/** What a run took. */
export const usageSchema = z.object({
  /** Milliseconds from the program's start to its end. */
  wallMs: z.number(),
  /** Milliseconds of processor time of the tree, as last sampled; absent where it could not be read. */
  cpuMs: z.optional(z.number()),
  /** Highest sampled memory of the tree, in bytes. */
  peakMemoryBytes: z.optional(z.number()),
  outputBytes: z.number(),
  /** Of tasks. */
  model: z.optional(modelUsageSchema),
});
export type Usage = z.infer<typeof usageSchema>;

/**
 * About what the place of a run has cost, in US dollars: from when the run was taken on until it had ended, by the backend's
 * clock.
 * @param begun when it was taken on, in milliseconds since 1970, as far as that is known
 * @param hourUsd about what an hour of it costs there
 */
export function placeCost(
  begun: number | undefined,
  end: { time: number; usage: Pick<Usage, 'wallMs'> },
  hourUsd: number,
): number {
  const since = Math.min(begun ?? Infinity, end.time - end.usage.wallMs);
  return ((end.time - since) / 3_600_000) * hourUsd;
}

/** US dollars with the digits that count: `$0.00012`, `$0.12`. What is less than a thousandth of a cent, and is not nothing, is that. */
export function costText(usd: number): string {
  if (usd === 0) return '$0.00';
  if (usd < 0.000_01) return '$0.00001';
  return `$${usd < 0.1 ? String(Number(usd.toPrecision(2))) : usd.toFixed(2)}`;
}
