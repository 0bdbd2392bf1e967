import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';
import { openAccess, sealAccess } from './run-token.ts';

/** Keeps the way to the model that a task's request brought, for whoever has the task go on: sealed, as in its token. */
export async function keepAccess(
  store: Pick<Store, 'put'>,
  keys: Pick<RunKeys, 'access'>,
  signing: string,
  access: ModelAccess,
): Promise<void> {
  await store.put(keys.access, Buffer.from(sealAccess(signing, access)));
}

/** What {@link keepAccess} has kept; undefined for a task that brought none. */
export async function keptAccess(
  store: Pick<Store, 'get'>,
  keys: Pick<RunKeys, 'access'>,
  signing: string,
): Promise<ModelAccess | undefined> {
  const found = await store.get(keys.access);
  return found === undefined ? undefined : openAccess(signing, found.bytes.toString());
}
