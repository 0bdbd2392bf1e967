import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { output } from './command.mjs';

/**
 * The processes that have to do with a folder: it is in their environment, their command line, their working
 * directory or among what is mounted in their box. Outside Linux only the command line can be seen.
 * Each has its `pid` and its `command` line.
 */
export async function processesOf(folder) {
  const all = process.platform === 'linux' ? onLinux() : await elsewhere();
  return all
    .filter(({ pid, traces }) => pid !== process.pid && traces().some((text) => text.includes(folder)))
    .map(({ pid, command }) => ({ pid, command }));
}

/** Ends the processes of a folder: asks first, and after `grace` milliseconds no longer. */
export async function endProcessesOf(folder, grace = 5000) {
  const until = Date.now() + grace;
  for (let left = await processesOf(folder), first = true; left.length > 0; first = false) {
    const late = Date.now() > until;
    if (first || late) for (const { pid } of left) signal(pid, late ? 'SIGKILL' : 'SIGTERM');
    await sleep(100);
    left = await processesOf(folder);
  }
}

/** Sends a signal to a process, or to a group when the number is negative, that may have ended meanwhile. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

function onLinux() {
  const mounts = link('/proc/self/ns/mnt');
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && running(entry))
    .map((pid) => ({
      pid: Number(pid),
      command: commandLine(pid),
      traces: () => [
        read(`/proc/${pid}/environ`),
        read(`/proc/${pid}/cmdline`),
        link(`/proc/${pid}/cwd`),
        link(`/proc/${pid}/ns/mnt`) === mounts ? '' : read(`/proc/${pid}/mountinfo`),
      ],
    }));
}

/** Whether the process is more than an entry that waits for its parent to take notice. */
const running = (pid) => !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`) || 'State: X');

const commandLine = (pid) =>
  read(`/proc/${pid}/cmdline`).split('\0').join(' ').trim() || read(`/proc/${pid}/comm`).trim();

async function elsewhere() {
  if (process.platform === 'win32') return [];
  const lines = (await output('ps', ['-axww', '-o', 'pid=,command=']))?.split('\n') ?? [];
  return lines.map((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command: command ?? '', traces: () => [command ?? ''] };
  });
}

/** A process may end, or belong to someone else, while one looks at it. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function link(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
