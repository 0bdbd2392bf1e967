import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf, signal, type FoundProcess } from '../../../scripts/setup/processes.mjs';

/** Milliseconds that the processes of a tier have to end by themselves. */
const GRACE = 3000;

/**
 * The processes that tests left behind, known by the tests' own folder; looked for until there are none or the
 * grace is over. A local backend outlives its starters by design, so it is first asked to end; it is left behind
 * when it does not, and so is what it should have ended.
 */
export async function leftProcesses(folder: string): Promise<FoundProcess[]> {
  for (const { pid, command } of await processesOf(folder)) {
    if (command.includes('/backend/server.mjs ')) signal(pid, 'SIGTERM');
  }
  const until = Date.now() + GRACE;
  for (;;) {
    const left = await processesOf(folder);
    if (left.length === 0 || Date.now() > until) return left;
    await sleep(100);
  }
}
