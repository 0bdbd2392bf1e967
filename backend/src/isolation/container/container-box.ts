import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../../src/protocol/error.ts';
import type { Box, BoxExit } from '../box.ts';
import type { OutputPipe } from '../pipes.ts';
import { temporaryBytes } from '../temporary-bytes.ts';
import { ENGINE_FAILED, KILLED } from './container-script.ts';
import type { Engine } from './engine.ts';
import type { SeenContainer } from './seen-container.ts';

/** Exit codes by which an engine tells of troubles of its own; a program may give them too. */
const TROUBLES = [ENGINE_FAILED, 126, 127];
/** Milliseconds between two looks whether the last process is gone, and between two attempts to end it. */
const INTERVAL = 5;
const AGAIN = 100;

export interface StartedContainer {
  engine: Engine;
  name: string;
  seen: SeenContainer;
  /** The engine's client, which is attached to it. */
  client: ChildProcess;
  stdout: OutputPipe;
  stderr: OutputPipe;
  temporary: Readonly<Record<string, number>>;
  /** Called when no process of it is left. */
  onEnd: () => void;
}

/** Takes over a container whose client was just started. */
export function runningContainer(started: StartedContainer): Box {
  const { engine, name, seen, client, onEnd } = started;
  let killing: Promise<void> | undefined;
  const left = new Promise<number>((resolve, reject) => {
    client.once('error', reject);
    client.once('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 0 : KILLED));
    });
  });
  const exited = (async (): Promise<BoxExit> => {
    try {
      const exitCode = await left;
      // Kernels end all of a process namespace before its first process is gone; a client may be gone before that.
      while (seen.living !== undefined) await delay(INTERVAL);
      if (killing !== undefined) return { exitCode: KILLED };
      if (exitCode !== KILLED && !TROUBLES.includes(exitCode)) return { exitCode };
      return await ended(engine, name, exitCode, seen.outOfMemory());
    } finally {
      onEnd();
    }
  })();
  // Whoever awaits it sees the failure; until then it is not unhandled.
  exited.catch(() => undefined);
  const kill = async (): Promise<void> => {
    while (client.exitCode === null && client.signalCode === null) {
      end(seen.living);
      await engine.remove(name);
      await delay(AGAIN, undefined, { ref: false });
    }
  };
  return {
    stdin: client.stdin ?? undefined,
    stdout: started.stdout,
    stderr: started.stderr,
    exited,
    tree: {
      pids: () => seen.pids(),
      fileBytes: () => temporaryBytes(started.temporary, seen.pids().slice(1)),
      outOfMemory: () => seen.outOfMemory(),
    },
    kill: () => {
      killing ??= kill();
    },
  };
}

/** The end of a container of which the exit code alone does not tell everything. */
async function ended(engine: Engine, name: string, exitCode: number, outOfMemory: boolean): Promise<BoxExit> {
  const format = '{{.State.Status}} {{.State.OOMKilled}}';
  const [status, oomKilled] = (await engine.call('container', 'inspect', '--format', format, name)).split(
    ' ',
  );
  if (status !== 'created') return { exitCode, outOfMemory: outOfMemory || oomKilled === 'true' };
  throw new OffloadError('sandbox-failed', 'The container could not be started.', {
    fix: 'Its error output says why; "Offload: Doctor" (offload doctor) tells what to do.',
  });
}

/** The kernel ends all of a process namespace with its first process. Another user's is the engine's to end. */
function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or the engine's to end.
  }
}
