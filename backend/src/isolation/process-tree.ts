import { readdirSync, readFileSync } from 'node:fs';

/** What /proc says of a process; see proc_pid_stat(5). */
export interface ProcessSample {
  pid: number;
  state: string;
  residentBytes: number;
  /** Its own processor time and that of its children that have ended and been waited for. */
  cpuMs: number;
}

const PAGE_BYTES = 4096;
/** USER_HZ, which is 100 on every Linux that Node supports. */
const MS_PER_TICK = 10;

/** The living children of a process, whichever of its threads made them. */
export function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const thread of read(() => readdirSync(`/proc/${String(pid)}/task`)) ?? []) {
    const list = read(() => readFileSync(`/proc/${String(pid)}/task/${thread}/children`, 'latin1'));
    for (const id of list?.split(' ') ?? []) if (id !== '') children.push(Number(id));
  }
  return children;
}

/** A process and all that descend from it, parents first. */
export function treeOf(root: number): number[] {
  const found = [root];
  // The list grows while it is walked. A process that ends meanwhile has no children any more.
  for (const pid of found) found.push(...childrenOf(pid));
  return found;
}

/** What can be seen of a process; undefined where it is gone, or there is no /proc. */
export function sampleProcess(pid: number): ProcessSample | undefined {
  const stat = read(() => readFileSync(`/proc/${String(pid)}/stat`, 'latin1'));
  if (stat === undefined) return undefined;
  // The second field is the program's name, which may hold anything: count from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const number = (field: number): number => Number(fields[field - 3]);
  return {
    pid,
    state: fields[0] ?? '',
    residentBytes: number(24) * PAGE_BYTES,
    cpuMs: (number(14) + number(15) + number(16) + number(17)) * MS_PER_TICK,
  };
}

/** Memory of a process with pages that others share divided among them, in bytes; see proc_pid_smaps(5). */
export interface ProportionalMemory {
  /** Of files in memory, mapped. */
  sharedFileBytes: number;
  /** All the rest. */
  ownBytes: number;
}

/** Undefined where it cannot be read. */
export function proportionalMemory(pid: number): ProportionalMemory | undefined {
  const rollup = read(() => readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'latin1')) ?? '';
  const bytes = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  };
  const all = bytes('Pss');
  if (all === undefined) return undefined;
  const sharedFileBytes = bytes('Pss_Shmem') ?? 0;
  return { sharedFileBytes, ownBytes: all - sharedFileBytes };
}

/** Whether a process has ended: gone, or waiting to be collected, where that can be seen. */
export function hasEnded(pid: number): boolean {
  const sample = sampleProcess(pid);
  return sample === undefined ? !isThere(pid) : sample.state === 'Z' || sample.state === 'X';
}

/** For systems without /proc: whether there is a process, also another user's. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** A process that is gone is no error. */
function read<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
