import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import { doneAhead } from '../in-parallel.ts';

/** Changes in their order, each once its content is where the target keeps such. A few are brought there at once. */
export function kept(
  changes: AsyncIterable<EventBody>,
  blobs: string,
  { keepBlob }: { keepBlob?: (file: string, hash: string) => Promise<void> },
): AsyncIterable<EventBody> {
  if (keepBlob === undefined) return changes;
  return doneAhead(changes, async (event) => {
    if (event.type === 'change' && event.hash !== undefined)
      await keepBlob(join(blobs, event.hash), event.hash);
  });
}
