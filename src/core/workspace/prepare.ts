import { OffloadError } from '../../protocol/error.ts';
import { findSecrets, type FoundSecret } from './find-secrets.ts';
import { takeSnapshot, type SnapshotOptions } from './take-snapshot.ts';
import type { TakenSnapshot } from './taken-snapshot.ts';

/** Times that it begins again because a file has changed meanwhile. */
const TRIES = 4;

/** A snapshot as a whole, with what in it looks like a secret. */
export interface PreparedSnapshot {
  readonly taken: TakenSnapshot;
  readonly secrets: readonly FoundSecret[];
}

/**
 * Takes a snapshot and looks for secrets in it; again where a file changes in between, so that nothing is in it that
 * was not looked at.
 * @throws as `takeSnapshot` and `findSecrets` do
 */
export async function prepareSnapshot(
  options: SnapshotOptions & { readonly scanner: string },
): Promise<PreparedSnapshot> {
  for (let tries = 1; ; tries++) {
    const taken = await takeSnapshot(options);
    try {
      return { taken, secrets: await findSecrets(taken, options) };
    } catch (error) {
      const changed = error instanceof OffloadError && error.code === 'conflict';
      if (!changed || tries === TRIES) throw error;
    }
  }
}
