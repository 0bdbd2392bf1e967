import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import { doneAhead } from '../in-parallel.ts';

/** A content of a change, and where it is until it is kept. */
export interface KeptContent {
  file: string;
  hash: string;
}

/** Changes in their order, each once its content is where the target keeps such. A few are brought there at once, or all. */
export function kept(
  changes: AsyncIterable<EventBody>,
  blobs: string,
  {
    keepBlob,
    keepBlobs,
  }: {
    keepBlob?: (file: string, hash: string) => Promise<void>;
    keepBlobs?: (contents: readonly KeptContent[]) => Promise<void>;
  },
): AsyncIterable<EventBody> {
  if (keepBlobs !== undefined) return keptTogether(changes, blobs, keepBlobs);
  if (keepBlob === undefined) return changes;
  return doneAhead(changes, async (event) => {
    if (event.type === 'change' && event.hash !== undefined)
      await keepBlob(join(blobs, event.hash), event.hash);
  });
}

async function* keptTogether(
  changes: AsyncIterable<EventBody>,
  blobs: string,
  keepBlobs: (contents: readonly KeptContent[]) => Promise<void>,
): AsyncGenerator<EventBody, void, undefined> {
  const events: EventBody[] = [];
  const hashes = new Set<string>();
  for await (const event of changes) {
    events.push(event);
    if (event.type === 'change' && event.hash !== undefined) hashes.add(event.hash);
  }
  if (hashes.size > 0) await keepBlobs([...hashes].map((hash) => ({ file: join(blobs, hash), hash })));
  yield* events;
}
