import { OffloadError } from '../../../src/protocol/error.ts';
import type { NamedAddress } from '../../../src/protocol/lambda.ts';
import { CLOSED_SEGMENTS } from '../store/journal/segment-pace.ts';
import { blobKey, probeKey, runKeys } from '../store/run-keys.ts';
import type { Condition, Store } from '../store/store.ts';
import type { RunClaims } from './run-token.ts';

/** Seconds that an address is good for. */
const SECONDS = 3600;

export interface Want {
  method: 'GET' | 'PUT';
  key: string;
}

type Scope = Pick<RunClaims, 'run' | 'tenant' | 'epoch'>;

/**
 * Addresses for what the runner of a run may do in the store, and nothing else: write its epoch of the journal, each
 * segment once, its lease, what it goes on from in the next epoch and the contents of its changes; read what it was sent,
 * and what the epoch before has left.
 * @throws OffloadError `unauthorized`
 */
export async function addressesFor(
  store: Pick<Store, 'presign'>,
  scope: Scope,
  wants: readonly Want[],
  expires = Date.now() + SECONDS * 1000,
): Promise<NamedAddress[]> {
  const conditions = wants.map((want) => allowed(scope, want));
  return Promise.all(
    wants.map(async ({ method, key }, index) => ({
      ...(await store.presign(method, key, SECONDS, conditions[index])),
      key,
      expires,
    })),
  );
}

const ONCE: Condition = { ifNoneMatch: '*' };

/** On what a write that is allowed depends. */
function allowed({ run, tenant, epoch }: Scope, { method, key }: Want): Condition | undefined {
  const keys = runKeys(run);
  const segments = keys.segment(epoch, 0).replace(/0+$/, '');
  const isSegment = key.startsWith(segments) && /^\d{6}$/.test(key.slice(segments.length));
  const isHash = (prefix: string): boolean =>
    key.startsWith(prefix) && /^[0-9a-f]{64}$/.test(key.slice(prefix.length));
  if (method === 'GET') {
    const own = [keys.request, keys.inbox, keys.checkpoint(epoch - 1)];
    if (own.includes(key) || isSegment || isHash(blobKey(tenant, ''))) return undefined;
  } else if (key === keys.lease(epoch) || key === keys.checkpoint(epoch)) return undefined;
  else if (isSegment || isHash(keys.blob('')) || isHash(keys.modelRequest(''))) return ONCE;
  else if (key === keys.contents || key === keys.contentsIndex) return ONCE;
  throw new OffloadError('unauthorized', `The run may not ${method} ${JSON.stringify(key)}.`);
}

/** Segments whose addresses a runner has from its beginning: a short run needs no more, and each takes time to sign. */
const FIRST_SEGMENTS = 4;

/** What a runner wants at its beginning. */
export function firstWants(
  { run, epoch }: Pick<Scope, 'run' | 'epoch'>,
  segments: number = FIRST_SEGMENTS,
): Want[] {
  const keys = runKeys(run);
  return [
    ...Array.from({ length: segments }, (_, index): Want => ({
      method: 'PUT',
      key: keys.segment(epoch, index + 1),
    })),
    { method: 'PUT', key: keys.lease(epoch) },
    { method: 'GET', key: keys.inbox },
    { method: 'GET', key: keys.request },
  ];
}

/** All that the runner of a run of code can want, which cannot ask for more. */
export function closedWants(scope: Pick<Scope, 'run' | 'epoch'>): Want[] {
  const keys = runKeys(scope.run);
  return [
    ...firstWants(scope, CLOSED_SEGMENTS),
    // Whether a segment is its own it finds out by reading it.
    ...Array.from({ length: CLOSED_SEGMENTS }, (_, index): Want => ({
      method: 'GET',
      key: keys.segment(scope.epoch, index + 1),
    })),
    // What its changes hold, all of it as one.
    ...[keys.contents, keys.contentsIndex].map((key): Want => ({ method: 'PUT', key })),
  ];
}

/** What only the bucket's own side can read: whoever reaches the store through it alone is refused. */
export async function probeAddress(store: Pick<Store, 'presign'>, runId: string): Promise<NamedAddress> {
  const key = probeKey(runId);
  return { ...(await store.presign('GET', key, SECONDS)), key, expires: Date.now() + SECONDS * 1000 };
}
