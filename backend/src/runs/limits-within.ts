import { effectiveLimits, type Limits, type RequestedLimits } from '../../../src/protocol/limits.ts';

/** What a place bounds of the limits of its runs; undefined what it does not. */
export type MostLimits = Partial<Record<'wallSeconds' | 'memoryBytes', number | undefined>>;

/** The limits of a run, within what its place has. */
export function limitsWithin(requested: RequestedLimits, most: MostLimits = {}): Limits {
  const limits = effectiveLimits(requested);
  return {
    ...limits,
    wallSeconds: Math.min(limits.wallSeconds, most.wallSeconds ?? Infinity),
    memoryBytes: Math.min(limits.memoryBytes, most.memoryBytes ?? Infinity),
  };
}
