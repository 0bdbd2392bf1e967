import type { ChildProcess } from 'node:child_process';
import { readSync } from 'node:fs';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Box, BoxExit } from './box.ts';
import { closeQuietly, type OutputPipe } from './pipes.ts';
import { temporaryBytes } from './temporary-bytes.ts';
import { childrenOf, hasEnded, sampleProcess, treeOf } from './process-tree.ts';

/** Milliseconds in which the last process of a box is nearly always gone; later looks are further apart. */
const ENDING_SOON = 2;
/** Milliseconds in which a process nearly always stands still that is told to; it takes microseconds. */
const STANDING_SOON = 2;
/** States of a process that does nothing any more; see proc_pid_stat(5). */
const STANDING: ReadonlySet<string> = new Set(['T', 't', 'Z', 'X']);

/** Takes over a bubblewrap process that makes its box. `statusFd` is a file that it reports to; closed at the end. */
export function runningBox(
  child: ChildProcess,
  statusFd: number,
  stdout: OutputPipe,
  stderr: OutputPipe,
  temporary: Readonly<Record<string, number>>,
): Box {
  /** The processes that a kill has ended: bubblewrap's own, outside the box and inside. */
  let killed: number[] | undefined;
  const init = (): number | undefined => readStatus(statusFd)['child-pid'];
  const started = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    // One that cannot be started has no id.
    if (child.pid !== undefined) resolve();
  });
  const left = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 0 : 128));
    });
  });
  const exited = (async (): Promise<BoxExit> => {
    try {
      await started;
      const exitCode = await left;
      const { 'child-pid': pid, 'exit-code': reported } = readStatus(statusFd);
      // The kernel ends all of a process namespace before its first process is gone.
      for (const each of [...(pid === undefined ? [] : [pid]), ...(killed ?? [])]) await ended(each);
      if (reported === undefined && killed === undefined)
        throw new Error(`bubblewrap ended with ${String(exitCode)}`);
      return { exitCode };
    } catch (cause) {
      throw new OffloadError('sandbox-failed', 'The sandbox could not be made.', {
        fix: 'Run "Offload: Doctor" (offload doctor) to see what is missing.',
        cause,
      });
    } finally {
      closeQuietly(statusFd);
    }
  })();
  // Whoever awaits it sees the failure; until then it is not unhandled.
  exited.catch(() => undefined);
  return {
    stdin: child.stdin ?? undefined,
    stdout,
    stderr,
    exited,
    tree: {
      pids: () => {
        const pid = init();
        return pid === undefined ? [] : treeOf(pid);
      },
      fileBytes: () => {
        const pid = init();
        return pid === undefined ? 0 : temporaryBytes(temporary, childrenOf(pid));
      },
    },
    kill: () => {
      if (killed !== undefined) return;
      killed = [];
      // The inner process dies with the outer one only once it has asked for that, so both are ended; and the outer one
      // is stopped first, since one that is just being made would be missed.
      whenStopped(child, (pid) => {
        killed = [pid, ...childrenOf(pid)];
        for (const each of killed) send(each, 'SIGKILL');
      });
    },
  };
}

/** Stops a process and calls `then` when it stands still: at once, but on a very busy machine; never where it has ended. */
function whenStopped(child: ChildProcess, then: (pid: number) => void): void {
  const latest = performance.now() + STANDING_SOON;
  const look = (): void => {
    const { pid, exitCode, signalCode } = child;
    // The id of one that has ended may be another's.
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    send(pid, 'SIGSTOP');
    while (!STANDING.has(sampleProcess(pid)?.state ?? 'X')) {
      if (performance.now() < latest) continue;
      setTimeout(look, STANDING_SOON);
      return;
    }
    then(pid);
  };
  look();
}

async function ended(pid: number): Promise<void> {
  const started = performance.now();
  while (!hasEnded(pid)) await (performance.now() - started < ENDING_SOON ? turn() : delay(ENDING_SOON));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

interface Status {
  'child-pid'?: number;
  'exit-code'?: number;
}

/** What bubblewrap has reported so far: a JSON object a line (`--json-status-fd`). */
function readStatus(fd: number): Status {
  const buffer = Buffer.alloc(1024);
  let length: number;
  try {
    length = readSync(fd, buffer, 0, buffer.length, 0);
  } catch {
    return {};
  }
  const lines = buffer.toString('utf8', 0, length).split('\n').slice(0, -1);
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as Status)) as Status;
}
