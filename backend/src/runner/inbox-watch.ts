import { setTimeout as delay } from 'node:timers/promises';
import { inboxSchema, type Inbox } from '../../../src/protocol/lambda.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Milliseconds between two looks. */
const INTERVAL = 500;

/** Looks into a run's inbox until the signal, and hands on what is new in it, in order. What cannot be read is left. */
export async function watchInbox(
  store: Pick<Store, 'get'>,
  keys: Pick<RunKeys, 'inbox'>,
  take: (entry: Inbox['entries'][number]) => void,
  signal: AbortSignal,
): Promise<void> {
  let etag: string | undefined;
  let taken = 0;
  while (!signal.aborted) {
    try {
      const found = await store.get(keys.inbox, { ifNoneMatch: etag });
      if (found !== undefined && found !== 'unchanged') {
        const { entries } = inboxSchema.parse(JSON.parse(found.bytes.toString()));
        for (const entry of entries.slice(taken)) take(entry);
        taken = Math.max(taken, entries.length);
        etag = found.etag;
      }
    } catch (error) {
      console.error('inbox:', error);
    }
    await delay(INTERVAL, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
