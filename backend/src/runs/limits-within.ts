import { effectiveLimits, type Limits, type RequestedLimits } from '../../../src/protocol/limits.ts';

/** The limits of a run, with the wall time that its place bounds. */
export function limitsWithin(requested: RequestedLimits, maxWallSeconds = Number.POSITIVE_INFINITY): Limits {
  const limits = effectiveLimits(requested);
  return { ...limits, wallSeconds: Math.min(limits.wallSeconds, maxWallSeconds) };
}
