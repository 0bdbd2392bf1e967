import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { signal } from '../scripts/setup/processes.mjs';
import { freshEnvironment } from '../test/support/reporting/fresh-environment.ts';
import { leftProcesses } from '../test/support/reporting/left-processes.ts';
import type { Outcome } from './figure.ts';

const script = fileURLToPath(new URL('row-process.ts', import.meta.url));

/**
 * Measures a row in a process and an environment of its own, so that no row carries what another has left in memory,
 * and gives what came out. A row that crashes, is interrupted or leaves processes behind has failed.
 */
export async function runRow(
  row: string,
  rounds: string | undefined,
  interruption: AbortSignal,
): Promise<Outcome> {
  const environment = freshEnvironment();
  const { folder, env } = environment;
  const args = ['--row', row, '--folder', folder, ...(rounds === undefined ? [] : ['--rounds', rounds])];
  const child = fork(script, args, {
    env,
    cwd: folder,
    // The collector is called between measurements, so that one side's garbage is not the other's.
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A process group of its own, so that what hangs can be ended with all its children.
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined) signal(-child.pid, 'SIGKILL');
  };
  interruption.addEventListener('abort', end, { once: true });
  const outcome = await whatItSays(child);
  interruption.removeEventListener('abort', end);
  const left = await leftProcesses(folder);
  for (const { pid } of left) signal(pid, 'SIGKILL');
  environment.remove();
  if (left.length === 0) return outcome;
  const names = left.map(({ pid, command }) => `${String(pid)} ${command.slice(0, 200)}`);
  return { type: 'failed', reason: `it left processes behind: ${names.join('; ')}` };
}

function whatItSays(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    let said: Outcome | undefined;
    const failed = (reason: string): Outcome => ({ type: 'failed', reason });
    child.once('message', (message) => (said = message as Outcome));
    child.once('error', (error) => {
      resolve(failed(`its process could not be started: ${error.message}`));
    });
    child.once('close', (code, signalName) => {
      resolve(said ?? failed(`its process ended with ${String(code ?? signalName)}`));
    });
  });
}
