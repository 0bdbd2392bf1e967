import { LANGUAGES } from '../../src/protocol/languages.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { MAX_REQUEST_BYTES } from '../../src/protocol/request.ts';
import type { Capabilities, IsolationReport } from '../../src/protocol/reply.ts';
import type { Isolation } from './isolation/box.ts';
import { openToPrograms } from './isolation/own-memory.ts';

/** Milliseconds before the function's timeout at which a run is ended, so that its results still get home: a part of it. */
const CLOSING_PART = 0.1;
const [SHORTEST_CLOSING, LONGEST_CLOSING] = [2000, 20_000];

export const closingTime = (milliseconds: number): number =>
  Math.min(LONGEST_CLOSING, Math.max(SHORTEST_CLOSING, milliseconds * CLOSING_PART));

/** How often a task goes on in a fresh function at most. */
export const MAX_MOVES = 400;

/** Seconds that a run can have in a function of so many. */
const runSeconds = (timeoutSeconds: number): number =>
  Math.floor((timeoutSeconds * 1000 - closingTime(timeoutSeconds * 1000)) / 1000);

/** Seconds that a task can have, which goes on from function to function. */
export const taskSeconds = (timeoutSeconds: number): number =>
  Math.min(LIMITS.wallSeconds.max, runSeconds(timeoutSeconds) * MAX_MOVES);

/** The agent of a task that names none. */
export const DEFAULT_AGENT = 'claude-code';

/** What the image has programs of. */
export const IMAGE_AGENTS: readonly string[] = [DEFAULT_AGENT];

/**
 * What a backend on AWS Lambda can do, whose runner has so many seconds for a run.
 * @param agents whose programs are there
 */
export async function functionCapabilities(
  isolation: Isolation,
  timeoutSeconds: number,
  agents: readonly string[],
): Promise<Capabilities> {
  return {
    target: 'lambda',
    isolation: await withMemory(isolation),
    languages: LANGUAGES.map(({ id }) => id),
    network: [...isolation.network],
    limits: [...isolation.limits],
    maxWallSeconds: runSeconds(timeoutSeconds),
    maxTaskWallSeconds: taskSeconds(timeoutSeconds),
    maxRequestBytes: MAX_REQUEST_BYTES,
    attach: true,
    cancel: true,
    agents: [...agents],
    hostInterpreters: false,
  };
}

/** What was found, and of programs that run as the runner's own user, whether they can read what it holds. */
async function withMemory(isolation: Isolation): Promise<IsolationReport> {
  const report = await isolation.probe();
  if (isolation.kind !== 'process') return report;
  const can = (await openToPrograms()).length === 0 ? 'cannot' : 'could';
  return { ...report, detail: `${report.detail}; it ${can} read the memory of the runner` };
}
