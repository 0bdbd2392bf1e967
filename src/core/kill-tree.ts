import { existsSync, readFileSync, readdirSync } from 'node:fs';

/**
 * Kills a process that leads a session of its own, and all that descend from it or belong to its session, as
 * the end of a Lambda environment ends all that runs in it. What has left the session and lost its parent is not found,
 * nor, without /proc, what has left the process group.
 */
export function killTree(leader: number): void {
  const processes = listProcesses();
  const doomed = new Set([leader]);
  // Until nothing is added: a child may be listed before its parent.
  for (let before = 0; before < doomed.size;) {
    before = doomed.size;
    for (const { pid, parent, session } of processes) {
      if (doomed.has(parent) || session === leader) doomed.add(pid);
    }
  }
  for (const pid of doomed) kill(pid);
  kill(-leader);
}

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

function listProcesses(): Listed[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // "pid (name) state ppid pgrp session …"; the name may hold anything, parentheses too.
        const fields = readFileSync(`/proc/${name}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ');
        return [{ pid: Number(name), parent: Number(fields[1]), session: Number(fields[3]) }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
