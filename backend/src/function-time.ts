import { LIMITS } from '../../src/protocol/limits.ts';

/** The part of a function's time that is kept for bringing the results home: a run is ended before it. */
const CLOSING_PART = 0.1;
const [SHORTEST_CLOSING, LONGEST_CLOSING] = [2000, 20_000];

/** Milliseconds before the end of an invocation that has so many left at which its run is ended. */
export const closingTime = (milliseconds: number): number =>
  Math.min(LONGEST_CLOSING, Math.max(SHORTEST_CLOSING, milliseconds * CLOSING_PART));

/** How often a task goes on in a fresh function at most. */
export const MAX_MOVES = 400;

/** Seconds that a run can have in a function of so many. */
export const runSeconds = (timeoutSeconds: number): number =>
  Math.floor((timeoutSeconds * 1000 - closingTime(timeoutSeconds * 1000)) / 1000);

/** Seconds that a task can have, which goes on from function to function. */
export const taskSeconds = (timeoutSeconds: number): number =>
  Math.min(LIMITS.wallSeconds.max, runSeconds(timeoutSeconds) * MAX_MOVES);
