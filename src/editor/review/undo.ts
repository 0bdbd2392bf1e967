import { undoChanges } from '../../core/changes/apply-all.ts';
import { OffloadError } from '../../protocol/error.ts';
import { byRoot, type Accepted } from './apply-files.ts';
import type { Contents } from './contents.ts';
import type { ReviewFile } from './review.ts';
import type { Reviews } from './reviews.ts';

/**
 * Takes an accepting back in one step: the workspace is as before, the changes are to be decided on again. A file that
 * has been changed since stays as it is.
 * @throws OffloadError the first failure, where there was one, after the rest has been taken back
 */
export async function undoAccepted(
  { reviews, contents }: { reviews: Reviews; contents: Contents },
  { undos, edits }: Accepted,
): Promise<void> {
  const again: ReviewFile[] = [];
  const failures: OffloadError[] = [];
  // The newest first, so that a file that was accepted twice ends as it began.
  for (const [root, group] of byRoot(undos.toReversed())) {
    const outcomes = await undoChanges({ root, undos: group.map(({ undo }) => undo) });
    for (const [index, outcome] of outcomes.entries()) {
      const file = group[index]?.file;
      if (outcome.state === 'done' && file !== undefined && !again.includes(file)) again.push(file);
      if (outcome.state === 'failed') failures.push(outcome.error);
    }
  }
  for (const [file, content] of edits) if (again.includes(file)) await contents.write(file, content);
  await reviews.unsettle(again);
  const [failed] = failures;
  if (failed === undefined) return;
  throw new OffloadError(failed.code, failed.message, {
    fix: `It stays as it is; ${again.length === 0 ? 'nothing' : 'everything else'} was taken back.`,
    cause: failed,
  });
}
