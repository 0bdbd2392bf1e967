import { readdirSync, readFileSync } from 'node:fs';
import { hasEnded } from './process-tree.ts';

/** The variable that all processes of a run inherit, wherever they go in the process tree. */
export const MARK = 'OFFLOAD_RUN_MARK';

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
