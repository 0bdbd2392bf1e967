import { randomBytes } from 'node:crypto';
import { BODY_HEADER } from '../../../src/protocol/lambda.ts';
import type { CarryBody } from '../relay/relay.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Bytes that go along: as text of an event each may take two, and the event at most 6 MB. */
const MAX_BYTES = 3_000_000;

/** Has large requests for the model wait in the store, where control finds them. */
export const carryBody =
  (store: Pick<Store, 'put'>, keys: Pick<RunKeys, 'modelRequest'>): CarryBody =>
  async (body) => {
    if (body.length <= MAX_BYTES) return { headers: {}, body };
    const name = randomBytes(32).toString('hex');
    await store.put(keys.modelRequest(name), body, { ifNoneMatch: '*' });
    return { headers: { [BODY_HEADER]: name }, body: Buffer.alloc(0) };
  };
