import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import { doneAhead } from '../in-parallel.ts';
import type { Journal } from '../journal/journal.ts';
import { collectChanges } from '../workspace/collect.ts';
import type { PreparedWorkspace } from '../workspace/prepare.ts';
import type { KeptContent } from './kept-content.ts';
import type { RunServices } from './run-services.ts';

/** A workspace in which nothing runs any more, and what it is compared with. */
export interface LeftWorkspace {
  workspace: string;
  prepared: PreparedWorkspace;
  /** Where the contents of its changes stay. */
  blobs: string;
  maxBytes: number;
}

type Keeping = Pick<RunServices, 'keepBlob' | 'keepBlobs'>;

/** Collects what changed in a workspace, keeps it as the target does, and tells it to the journal. */
export async function keepChanges(
  { workspace, prepared, blobs, maxBytes }: LeftWorkspace,
  journal: Journal,
  services: Keeping,
): Promise<void> {
  journal.append({ type: 'phase', phase: 'collecting' });
  const changes = collectChanges(workspace, blobs, prepared, maxBytes);
  for await (const event of kept(changes, blobs, services)) journal.append(event);
}

/** Changes in their order, each once its content is where the target keeps such. A few are brought there at once, or all. */
function kept(
  changes: AsyncIterable<EventBody>,
  blobs: string,
  { keepBlob, keepBlobs }: Keeping,
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
