import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so; the test's own time limit ends a wait in vain. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5);
}
