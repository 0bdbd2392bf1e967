import { InOrder } from './in-order.ts';
import type { Result } from './result.ts';
import { runTier } from './run-tier.ts';
import type { Tier } from './tiers.ts';

interface TiersRun {
  /** Runs only the tests whose full title matches; the empty string is all. */
  grep: string;
  /** How many tiers run at the same time: most of a tier is waiting. */
  atOnce: number;
  /** Ends what runs, and begins nothing more. */
  interruption: AbortSignal;
}

/** Runs tiers, begun in their order and shown one after the other. Gives what became of all their tests. */
export async function runTiers(
  tiers: readonly Tier[],
  { grep, atOnce, interruption }: TiersRun,
): Promise<Result[]> {
  const shown = new InOrder(process.stdout);
  const waiting = tiers.map((tier) => ({ tier, output: shown.part() }));
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { tier, output } = next;
      if (interruption.aborted) return;
      output.write(`\n${tier.name}${tier.files.length === 0 ? ': has no tests' : ''}\n`);
      if (tier.files.length > 0) results.push(...(await runTier(tier, { grep, interruption, output })));
      output.end();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
