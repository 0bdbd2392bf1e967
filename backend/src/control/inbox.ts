import { isDeepStrictEqual } from 'node:util';
import { OffloadError } from '../../../src/protocol/error.ts';
import { inboxSchema, type Inbox } from '../../../src/protocol/lambda.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Bytes of an inbox at most: what a run is sent in its whole life. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Adds to a run's inbox. Several may do so at once: nothing is lost, and each is taken once.
 * @throws OffloadError `too-large` where it is full
 */
export async function addToInbox(
  store: Pick<Store, 'get' | 'put'>,
  keys: Pick<RunKeys, 'inbox'>,
  entry: Entry,
): Promise<void> {
  for (;;) {
    const there = await store.get(keys.inbox);
    const { entries } =
      there === undefined ? { entries: [] } : inboxSchema.parse(JSON.parse(there.bytes.toString()));
    // To be sent twice is to be sent once.
    if (entries.some((each) => isSame(each, entry))) return;
    const bytes = Buffer.from(JSON.stringify({ entries: [...entries, entry] }));
    if (bytes.length > MAX_BYTES && entry.kind !== 'cancel')
      throw new OffloadError('too-large', 'The task was sent as much as one can be: 8 MB in all.', {
        fix: 'Let it end, and send the rest to another task.',
      });
    const condition = there === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: there.etag };
    if ((await store.put(keys.inbox, bytes, condition)) !== undefined) return;
  }
}

type Entry = Inbox['entries'][number];

/** An interruption has nothing that tells one from another. */
function isSame(one: Entry, other: Entry): boolean {
  if (one.kind === 'cancel' || other.kind === 'cancel') return one.kind === other.kind;
  const { type } = one.input as { type?: unknown };
  return type !== 'interrupt' && isDeepStrictEqual(one.input, other.input);
}
