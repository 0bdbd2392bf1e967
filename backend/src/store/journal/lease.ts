import type { RunKeys } from '../run-keys.ts';
import type { Store } from '../store.ts';
import type { Position } from './segment-reader.ts';

/** Milliseconds that a function has to begin a run: its image may have to be fetched first. */
const BEGINNING_TIME = 120_000;

/**
 * Whether whoever writes a run's journal has shown no sign of life for so long, by the clock of the store. A sign is a
 * segment, or the lease that is written anew every few seconds.
 * @param started when the run was claimed, for one that nobody has begun yet
 * @param now milliseconds since 1970
 */
export async function isLost(
  store: Pick<Store, 'look'>,
  keys: Pick<RunKeys, 'lease'>,
  { epoch, written }: Position,
  { started, milliseconds, now }: { started: number; milliseconds: number; now: number },
): Promise<boolean> {
  if (written === undefined) return now - started >= BEGINNING_TIME;
  if (now - written < milliseconds) return false;
  const lease = await store.look(keys.lease(epoch));
  return lease === undefined || now - lease.modified >= milliseconds;
}
