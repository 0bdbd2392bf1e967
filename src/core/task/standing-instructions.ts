import { isUtf8 } from 'node:buffer';
import { OffloadError } from '../../protocol/error.ts';
import { errnoOf } from '../errno.ts';
import { inParent } from '../changes/parent.ts';
import { readPresent } from '../changes/present-file.ts';
import { openRoot } from '../changes/root.ts';

/** Where a workspace has what every task in it is told. */
export const STANDING_INSTRUCTIONS = '.offload/task.md';

/** Bytes that it may have: it goes along with every task. */
const MAX_BYTES = 64 * 1024;

/**
 * What every task in a workspace is told: the text of `.offload/task.md` below `root`, undefined where there is none or
 * nothing in it. No link is followed on the way. It is others' text that an agent obeys: whoever calls this has the
 * user's trust in the workspace, and shows what is in it.
 * @throws OffloadError `bad-request` or `too-large` where it is there and cannot be taken
 */
export async function readStandingInstructions(
  root: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const folder = await openRoot(root);
  try {
    const path = STANDING_INSTRUCTIONS;
    const found = await inParent(folder, path, undefined, (parent, name) =>
      readPresent(parent, name, { path, accept: checkSize, signal }),
    );
    if (found === undefined) return undefined;
    if (!isUtf8(found.content)) throw new OffloadError('bad-request', `${path} is not UTF-8 text.`);
    const text = found.content.toString('utf8').replace(/^\ufeff/, '');
    return text.trim() === '' ? undefined : text;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    signal?.throwIfAborted();
    throw refused(error);
  } finally {
    await folder.close();
  }
}

const FIX = `Make ${STANDING_INSTRUCTIONS} a plain text file, or take it away.`;

function checkSize(size: number): void {
  if (size <= MAX_BYTES) return;
  const message = `${STANDING_INSTRUCTIONS} has ${size} bytes; ${MAX_BYTES} can go along with a task.`;
  throw new OffloadError('too-large', message, { fix: FIX });
}

/** What stands in the way: a link or a folder in its place, or what the system says. */
function refused(cause: unknown): OffloadError {
  if (cause instanceof OffloadError) {
    return new OffloadError(cause.code === 'too-large' ? 'too-large' : 'bad-request', cause.message, {
      fix: FIX,
      cause,
    });
  }
  const why = errnoOf(cause) ?? String(cause);
  return new OffloadError('bad-request', `${STANDING_INSTRUCTIONS} cannot be read: ${why}.`, {
    fix: FIX,
    cause,
  });
}
