import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { childrenOf } from '../../../backend/src/isolation/process-tree.ts';
import { processesOf, type FoundProcess } from '../../../scripts/setup/processes.mjs';

const isServer = ({ command }: FoundProcess): boolean => command.includes('server.mjs');

/**
 * The processes of boxes of a target that lives in a folder, as the host sees them. The one that each server may have
 * started ahead is none of them; every other of its kind is.
 */
export const boxProcesses = async (folder: string): Promise<FoundProcess[]> => {
  const all = (await processesOf(folder)).filter((each) => !isServer(each));
  const waiting = waitingProcesses(folder);
  const ready = (await servers(folder)).map(
    ({ pid }) => waiting.find((each) => childrenOf(pid).includes(each.pid))?.pid,
  );
  const found = new Map([...all, ...waiting].map((each) => [each.pid, each]));
  return [...found.values()].filter(({ pid }) => !ready.includes(pid));
};

/** The servers of a target that lives in a folder. */
export const servers = async (folder: string): Promise<FoundProcess[]> =>
  (await processesOf(folder)).filter(isServer);

/**
 * Each bubblewrap process that waits for its options: it has not closed the descriptor that it reads them from, has made
 * no child, and writes to a pipe that lies in the folder.
 */
export const waitingProcesses = (folder: string): FoundProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => link(pid, 1).includes(folder) && link(pid, 3).startsWith('socket:'))
    .map((pid) => ({ pid: Number(pid), command: command(pid) }))
    .filter(
      ({ pid, command }) => basename(command.split(' ')[0] ?? '') === 'bwrap' && childrenOf(pid).length === 0,
    );

const link = (pid: string, fd: number): string => seen(() => readlinkSync(`/proc/${pid}/fd/${String(fd)}`));

/** The command line of a process; empty where it cannot be seen. */
export const command = (pid: string | number): string =>
  seen(() => readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8'))
    .split('\0')
    .join(' ')
    .trim();

/** A process may end, or belong to someone else, while one looks at it. */
function seen(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
