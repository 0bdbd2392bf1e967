import { costsOf } from '../deploy/prices.ts';
import type { Deployment } from '../deploy/deployment.ts';
import { placeCost } from '../../protocol/usage.ts';
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
  return placeCost(Math.min(...Object.values(phaseTimes)), end, hourUsd);
}
