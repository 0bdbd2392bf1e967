import { setTimeout as sleep } from 'node:timers/promises';
import type { Offload } from '../../../src/editor/offload.ts';
import { started } from './extension.ts';

/** Ends the backend that the extension uses, as an administrator or a crash would. */
export async function endBackend({ sandbox }: Offload, signal: NodeJS.Signals): Promise<void> {
  const { pid } = await sandbox.environment();
  if (pid === undefined) return;
  process.kill(pid, signal);
  while (isThere(pid)) await sleep(20);
}

// The backend outlives the editor, as it should; these tests leave no process behind.
after(async () => {
  const { offload } = await started();
  await endBackend(offload, 'SIGTERM');
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
