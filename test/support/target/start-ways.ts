import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded } from '../../../backend/src/isolation/process-tree.ts';
import type { RunStream, Sandbox } from '../../../src/core/sandbox.ts';
import { eventually } from './eventually.ts';
import { waitingProcesses } from './processes.ts';
import type { Target } from './target.ts';

/** How a box starts: from a process that waits for it, or from none. */
export const WAYS = ['ready', 'cold'] as const;
export type Way = (typeof WAYS)[number];

/** Milliseconds in which a server that has ended a run has the next process ready, generously. */
const PATIENCE = 5000;

/** A target that lies in a folder, each run of which starts in one way, but for the first one, which is cold. */
export function startingBy<T extends Target & { folder: string }>(target: T, way: Way): T {
  const { sandbox, folder } = target;
  /** Whether a box has ended since, after which another process is started ahead. */
  let ran = false;
  let preparing: Promise<void> | undefined;
  const known = new Set<string>();
  async function* submit(...args: Parameters<Sandbox['submit']>): RunStream {
    if (ran) preparing = prepared(folder, way);
    ran = false;
    await preparing;
    const [{ runId }] = args;
    const isNew = !known.has(runId);
    known.add(runId);
    let runs = false;
    try {
      for await (const event of sandbox.submit(...args)) {
        runs ||= isNew && event.type === 'phase' && event.phase === 'running';
        yield event;
      }
    } finally {
      ran ||= runs;
    }
  }
  return { ...target, sandbox: withSubmit(sandbox, submit) };
}

/** Waits for the process that a run has left ready, and ends it when there is to be none. */
async function prepared(folder: string, way: Way): Promise<void> {
  const until = performance.now() + PATIENCE;
  let [waiting] = waitingProcesses(folder);
  for (; waiting === undefined; [waiting] = waitingProcesses(folder)) {
    if (performance.now() > until) throw new Error('The server has no process ready.');
    await sleep(2);
  }
  if (way === 'ready') return;
  const { pid } = waiting;
  process.kill(pid, 'SIGKILL');
  await eventually(() => hasEnded(pid));
}

function withSubmit(sandbox: Sandbox, submit: Sandbox['submit']): Sandbox {
  return new Proxy(sandbox, {
    get: (_, name) => {
      if (name === 'submit') return submit;
      const value: unknown = Reflect.get(sandbox, name);
      return typeof value === 'function' ? (value.bind(sandbox) as unknown) : value;
    },
  });
}
