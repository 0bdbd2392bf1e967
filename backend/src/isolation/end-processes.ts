import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';

/** Milliseconds between two rounds of ending what is left. */
const INTERVAL = 5;
/** Rounds after which what cannot be ended is left; a process that starts others as fast is ended by then. */
const ROUNDS = 400;

/**
 * Ends processes until none is left.
 * @param left those that are left
 * @throws OffloadError `sandbox-failed` where they do not end
 */
export async function endProcesses(left: () => number[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const pids = left();
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    await delay(INTERVAL);
  }
  throw new OffloadError('sandbox-failed', 'Processes of the run are left that could not be ended.', {
    fix: 'The environment that it ran in is given up: run it again.',
  });
}
