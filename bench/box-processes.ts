import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks. */
const INTERVAL = 1;

/** The processes on this machine with a word in their command line: how the host sees those of a box. */
export const processesWith = (word: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => read(`/proc/${String(pid)}/cmdline`).includes(word));

/** Resolves when each of these processes has ended; one that only waits to be collected has. */
export async function allEnded(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await sleep(INTERVAL);
}

const isRunning = (pid: number): boolean => /^State:\s+[^ZX]/m.test(read(`/proc/${String(pid)}/status`));

/** A process may end while one looks at it. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
