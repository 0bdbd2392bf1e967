import { OffloadError } from '../../../src/protocol/error.ts';
import { probeKey } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Stores of which it is known, for as long as this process lives. */
const known = new WeakSet<object>();

/**
 * Sees that control may read where the runner must not be let through: else it would be refused for another reason than the
 * one that its probe is about, and a way that leads everywhere would look closed.
 * @throws OffloadError `no-isolation`
 */
export async function checkProbe(store: Pick<Store, 'get'>): Promise<void> {
  if (known.has(store)) return;
  try {
    await store.get(probeKey('control'));
    known.add(store);
  } catch (cause) {
    throw new OffloadError(
      'no-isolation',
      'It cannot be tried whether the runner is closed to the network.',
      {
        fix: 'Deploy the backend again: the role of the control function lacks a right.',
        cause,
      },
    );
  }
}
