import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import type { Place } from './place.ts';

/** Where it is noted that a deploy goes on. */
const DEPLOYING = 'offload.aws.deploying';
const schema = z.object({
  pid: z.int(),
  profile: z.optional(z.string()),
  region: z.string(),
  stack: z.string(),
});

/** Notes that this process deploys, so that the next window knows of it if this one is closed. */
export const noteDeploying = ({ profile, region, stack }: Place, memory: Memento): Thenable<void> =>
  memory.update(DEPLOYING, {
    pid: process.pid,
    region,
    stack,
    ...(profile === undefined ? {} : { profile }),
  });

/** Notes that it has ended, by itself or by the user. */
export const forgetDeploying = (memory: Memento): Thenable<void> => memory.update(DEPLOYING, undefined);

/** The deploy that a window which is no more has left, and that nobody has gone on with. */
export function interruptedDeploy(memory: Memento): Place | undefined {
  const kept = schema.safeParse(memory.get(DEPLOYING));
  if (!kept.success || isThere(kept.data.pid)) return undefined;
  const { profile, region, stack } = kept.data;
  return { profile, region, stack };
}

/** Whether the process that deployed goes on: another window of this machine. */
function isThere(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
