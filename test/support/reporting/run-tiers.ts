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
  /** Resolves once there is what some tiers need; others begin before. */
  later?: Promise<void> | undefined;
}

/**
 * Runs tiers, begun in their order (those that wait for something after those that do not) and shown one after the other.
 * Gives what became of all their tests, by titles that begin with their tier's name.
 */
export async function runTiers(
  tiers: readonly Tier[],
  { grep, atOnce, interruption, later }: TiersRun,
): Promise<Result[]> {
  const shown = new InOrder(process.stdout);
  const waiting = tiers.map((tier) => ({ tier, output: shown.part() }));
  const results: Result[] = [];
  let made = later === undefined;
  void later?.then(() => (made = true));
  const next = async () => {
    let at = waiting.findIndex(({ tier }) => made || !tier.needsLater);
    if (at < 0 && waiting.length > 0) {
      await Promise.race([later, aborted(interruption)]);
      at = 0;
    }
    return waiting.splice(at, 1)[0];
  };
  const lane = async (): Promise<void> => {
    for (let each = await next(); each !== undefined; each = await next()) {
      const { tier, output } = each;
      if (interruption.aborted) {
        results.push({ type: 'fail', title: tier.name, message: 'was interrupted before it began' });
        output.end();
        continue;
      }
      output.write(`\n${tier.name}${tier.files.length === 0 ? ': has no tests' : ''}\n`);
      if (tier.files.length > 0) {
        const run = await runTier(tier, { grep, interruption, output });
        results.push(...run.map((result) => ofTier(tier, result)));
      }
      output.end();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** Files run in more than one tier. */
function ofTier({ name }: Tier, result: Result): Result {
  return 'title' in result && result.title !== name
    ? { ...result, title: `${name} › ${result.title}` }
    : result;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
