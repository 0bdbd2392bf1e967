import { LANGUAGES } from '../../src/protocol/languages.ts';
import { MAX_REQUEST_BYTES } from '../../src/protocol/request.ts';
import type { Capabilities, IsolationReport } from '../../src/protocol/reply.ts';
import { runMemory } from './function-memory.ts';
import { runSeconds, taskSeconds } from './function-time.ts';
import type { Isolation } from './isolation/box.ts';
import { openToPrograms } from './isolation/own-memory.ts';

/** What there is of a function. */
export interface FunctionSize {
  /** Seconds that an invocation may take. */
  timeoutSeconds: number;
  /** Its memory in megabytes; undefined where nothing bounds it. */
  memoryMb?: number | undefined;
}

/** The agent of a task that names none. */
export const DEFAULT_AGENT = 'claude-code';

/** What the image has programs of. */
export const IMAGE_AGENTS: readonly string[] = [DEFAULT_AGENT];

/**
 * What a backend on AWS Lambda can do, whose runner is of this size.
 * @param agents whose programs are there
 */
export async function functionCapabilities(
  isolation: Isolation,
  { timeoutSeconds, memoryMb }: FunctionSize,
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
    ...(memoryMb === undefined ? {} : { maxMemoryBytes: runMemory(memoryMb) }),
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
