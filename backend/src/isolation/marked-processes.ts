import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded } from './process-tree.ts';

/** The variable that all processes of a run inherit, wherever they go in the process tree. */
export const MARK = 'OFFLOAD_RUN_MARK';

/** Milliseconds between two rounds of ending what is left. */
const INTERVAL = 5;
/** Rounds after which what cannot be ended is left; a process that starts others as fast is ended by then. */
const ROUNDS = 400;

/** The living processes that carry a mark. One that has cleared its environment is not found. */
export function markedProcesses(mark: string): number[] {
  const wanted = `${MARK}=${mark}`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && environmentOf(pid).includes(wanted) && !hasEnded(pid));
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** Ends all processes that carry a mark; resolves when none is left. */
export async function endAll(mark: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const left = markedProcesses(mark);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    await delay(INTERVAL);
  }
}
