import type { Limits } from '../../../src/protocol/limits.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import { limitsWithin } from '../runs/limits-within.ts';
import type { TaskServices } from './task-services.ts';

/** The limits of a task, within what its place has: one that can go on elsewhere has more time than a function. */
export const taskLimits = (
  { limits }: Pick<TaskRequest, 'limits'>,
  { move, most }: Pick<TaskServices, 'move' | 'most'>,
): Limits => limitsWithin(limits, { ...most, wallSeconds: move?.maxWallSeconds ?? most?.wallSeconds });

/** What is left of a task's limits where it has had some of its time elsewhere, of the clock and of processors. */
export const limitsLeft = (limits: Limits, elapsedMs = 0, cpuMs = 0): Limits => ({
  ...limits,
  wallSeconds: Math.max(1, limits.wallSeconds - Math.round(elapsedMs / 1000)),
  cpuSeconds: Math.max(1, limits.cpuSeconds - Math.round(cpuMs / 1000)),
});

/** What a task took before and now. What it took of models is counted together already. */
export function usageTogether(before: Usage | undefined, now: Usage): Usage {
  if (before === undefined) return now;
  const cpuMs = together(before.cpuMs, now.cpuMs, (a, b) => a + b);
  const peakMemoryBytes = together(before.peakMemoryBytes, now.peakMemoryBytes, Math.max);
  return {
    ...now,
    wallMs: before.wallMs + now.wallMs,
    outputBytes: before.outputBytes + now.outputBytes,
    ...(cpuMs === undefined ? {} : { cpuMs }),
    ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
  };
}

const together = (
  a: number | undefined,
  b: number | undefined,
  join: (a: number, b: number) => number,
): number | undefined => (a === undefined || b === undefined ? (a ?? b) : join(a, b));
