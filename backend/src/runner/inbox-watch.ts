import { setTimeout as delay } from 'node:timers/promises';
import { inboxSchema, type Inbox } from '../../../src/protocol/lambda.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Milliseconds between two looks. */
const INTERVAL = 500;

/**
 * Looks into a run's inbox until the signal, and hands on what is new in it, in order. What cannot be read is left.
 * @param count of the entries that were handed on, before too: it is counted on
 */
export async function watchInbox(
  store: Pick<Store, 'get'>,
  keys: Pick<RunKeys, 'inbox'>,
  count: { taken: number },
  take: (entry: Inbox['entries'][number]) => void,
  signal: AbortSignal,
): Promise<void> {
  let etag: string | undefined;
  for (;;) {
    // At first too: a short run needs none.
    await delay(INTERVAL, undefined, { signal, ref: false }).catch(() => undefined);
    if (isOver(signal)) return;
    try {
      const found = await store.get(keys.inbox, { ifNoneMatch: etag });
      if (found !== undefined) {
        const { entries } = inboxSchema.parse(JSON.parse(found.bytes.toString()));
        // Whoever is not to take any more takes none of these either.
        if (isOver(signal)) return;
        // A cancellation that came while the run went from one function to another is one still.
        if (entries.slice(0, count.taken).some(({ kind }) => kind === 'cancel')) take({ kind: 'cancel' });
        for (const entry of entries.slice(count.taken)) {
          count.taken++;
          take(entry);
        }
        etag = found.etag;
      }
    } catch (error) {
      console.error('inbox:', error);
    }
  }
}

/** It may be over since it was asked last. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;
