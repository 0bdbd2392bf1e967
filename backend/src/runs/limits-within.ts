import { OffloadError } from '../../../src/protocol/error.ts';
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

/** What ends a run, in the words of its place where that has no more to give. */
export function limitWords(error: OffloadError, limits: Limits, most: MostLimits = {}): OffloadError {
  if (error.code !== 'memory-limit' || limits.memoryBytes !== most.memoryBytes) return error;
  return new OffloadError(error.code, error.message, {
    fix: 'That is all that a function of this size has for a run: deploy the backend with more memory, or let the program hold less at once.',
    cause: error.cause,
  });
}
