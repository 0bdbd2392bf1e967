import { costsOf } from '../deploy/prices.ts';
import type { Deployment } from '../deploy/deployment.ts';
import type { RunState } from '../run/state.ts';

/** About what an hour of a run costs, in US dollars, besides its model; undefined where its memory is not known. */
export function hourlyCost({
  memory,
  architecture,
}: Pick<Deployment, 'memory' | 'architecture'>): number | undefined {
  if (memory === undefined || architecture === undefined) return undefined;
  return costsOf(architecture, memory).busyHour;
}

/** About what a run that has ended has cost: from when it was taken on until it had ended, by the backend's clock. */
export function runCost({ end, phaseTimes }: Pick<RunState, 'end' | 'phaseTimes'>, hourUsd: number): number {
  if (end === undefined) return 0;
  const begun = Math.min(...Object.values(phaseTimes), end.time - end.usage.wallMs);
  return ((end.time - begun) / 3_600_000) * hourUsd;
}

/** US dollars with the digits that count: `$0.00012`, `$0.12`. What is less than a thousandth of a cent is that. */
export function costText(usd: number): string {
  if (usd < 0.000_01) return '$0.00001';
  return `$${usd < 0.1 ? String(Number(usd.toPrecision(2))) : usd.toFixed(2)}`;
}
