import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import { doneAhead } from '../in-parallel.ts';
import type { Journal } from '../journal/journal.ts';
import { blobEvents } from '../workspace/blob-parts.ts';
import { collectChanges } from '../workspace/collect.ts';
import type { PreparedWorkspace } from '../workspace/prepare.ts';
import type { RunServices } from './run-services.ts';

/** A workspace in which nothing runs any more, and what it is compared with. */
export interface LeftWorkspace {
  workspace: string;
  prepared: PreparedWorkspace;
  /** Where the contents of its changes stay. */
  blobs: string;
  maxBytes: number;
}

type Keeping = Pick<RunServices, 'inlineBlobs' | 'keepBlob'>;

/** Collects what changed in a workspace, keeps it as the target does, and tells it to the journal. */
export async function keepChanges(
  { workspace, prepared, blobs, maxBytes }: LeftWorkspace,
  journal: Journal,
  services: Keeping,
): Promise<void> {
  journal.append({ type: 'phase', phase: 'collecting' });
  const changes = collectChanges(workspace, blobs, prepared, maxBytes);
  for await (const event of kept(changes, blobs, services)) {
    if (services.inlineBlobs && event.type === 'change' && event.hash !== undefined) {
      for await (const part of blobEvents(blobs, event.hash)) journal.append(part);
    }
    journal.append(event);
  }
}

/** Changes in their order, each once its content is where the target keeps such. A few are brought there at once. */
function kept(
  changes: AsyncIterable<EventBody>,
  blobs: string,
  { keepBlob }: Keeping,
): AsyncIterable<EventBody> {
  if (keepBlob === undefined) return changes;
  return doneAhead(changes, async (event) => {
    if (event.type === 'change' && event.hash !== undefined)
      await keepBlob(join(blobs, event.hash), event.hash);
  });
}
