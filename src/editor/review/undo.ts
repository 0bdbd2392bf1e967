import { undoChanges } from '../../core/changes/apply-all.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Accepted } from './apply-files.ts';
import type { Contents } from './contents.ts';
import type { Reviews } from './reviews.ts';

/**
 * Takes an accepting back in one step: the workspace is as before, the changes are to be decided on again. A file that
 * has been changed since stays as it is.
 * @throws OffloadError the first failure, where there was one, after the rest has been taken back
 */
export async function undoAccepted(
  { reviews, contents }: { reviews: Reviews; contents: Contents },
  { root, undos, files, edits }: Accepted,
): Promise<void> {
  // The newest first, so that a file that was accepted twice ends as it began.
  const outcomes = await undoChanges({ root, undos: undos.toReversed() });
  const done = new Set(outcomes.filter(({ state }) => state === 'done').map(({ path }) => path));
  const again = files.filter(({ change }) => done.has(change.path));
  for (const [file, content] of edits) if (again.includes(file)) await contents.write(file, content);
  await reviews.unsettle(again);
  const [failed] = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
  if (failed === undefined) return;
  throw new OffloadError(failed.code, failed.message, {
    fix: `It stays as it is; ${done.size === 0 ? 'nothing' : 'everything else'} was taken back.`,
    cause: failed,
  });
}
