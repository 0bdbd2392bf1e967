import { readdirSync, readFileSync } from 'node:fs';
import { hasEnded } from './process-tree.ts';

/**
 * The living processes of this user but this one and those that it descends from: all that was started here, where nobody
 * else starts anything, wherever it went in the process tree and whatever it has cleared.
 */
export function otherProcesses(): number[] {
  const user = process.getuid?.();
  const above = ancestors();
  return readdirSync('/proc')
    .map(Number)
    .filter(
      (pid) => Number.isInteger(pid) && !above.has(pid) && numberIn(pid, 'Uid') === user && !hasEnded(pid),
    );
}

/** This process and those that it descends from. */
function ancestors(): Set<number> {
  const found = new Set<number>();
  for (let pid: number | undefined = process.pid; pid !== undefined && pid > 0 && !found.has(pid);) {
    found.add(pid);
    pid = numberIn(pid, 'PPid');
  }
  return found;
}

/**
 * A field of a process's status, see proc_pid_status(5). The owner of its folder is another one where the process keeps
 * its memory to itself.
 */
function numberIn(pid: number, field: 'Uid' | 'PPid'): number | undefined {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
    const value = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}
