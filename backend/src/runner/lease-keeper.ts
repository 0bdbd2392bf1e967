import { setTimeout as delay } from 'node:timers/promises';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Times that a lease is written before it would run out. */
const TIMES = 4;

/** Shows until the signal that the runner lives. A try that fails is made up for by the next one. */
export async function keepLease(
  store: Pick<Store, 'put'>,
  keys: Pick<RunKeys, 'lease'>,
  epoch: number,
  leaseSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await delay((leaseSeconds * 1000) / TIMES, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    await store.put(keys.lease(epoch), Buffer.from(String(Date.now()))).catch((error: unknown) => {
      console.error('lease:', error);
    });
  }
}
