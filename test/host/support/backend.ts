import { setTimeout as sleep } from 'node:timers/promises';
import { started } from './extension.ts';

// The backend outlives the editor, as it should; these tests leave no process behind.
after(async () => {
  const { offload } = await started();
  const { pid } = await offload.sandbox.environment();
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  while (isThere(pid)) await sleep(20);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
