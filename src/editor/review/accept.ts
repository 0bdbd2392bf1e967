import { asOffloadError, OffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Contents } from './contents.ts';
import {
  applyFiles,
  batches,
  candidateOf,
  type Accepted,
  type Candidate,
  type Conflict,
} from './apply-files.ts';
import { saveOwnEdits, saveReviewCopies } from './open-documents.ts';
import { compareWithWorkspace, openChange } from './open.ts';
import { askConflict, askGuarded, type Decision } from './questions.ts';
import type { Review, ReviewFile } from './review.ts';
import type { Reviews } from './reviews.ts';

export interface AcceptContext {
  reviews: Reviews;
  contents: Contents;
  dialogs: Dialogs;
}

/**
 * Writes files of one review to the workspace: what is guarded or in conflict is asked for one by one, the rest goes
 * without a question. Undefined when the user stopped before anything was written.
 */
export async function accept(
  context: AcceptContext,
  files: readonly ReviewFile[],
): Promise<Accepted | undefined> {
  const review = files[0]?.review;
  if (review === undefined || !(await saveReviewCopies(files))) return undefined;
  if (!(await hasFolder(context, review))) return undefined;
  const approved = await approve(context.dialogs, files);
  if (approved === undefined) return undefined;
  const accepted: Accepted = { files: [], undos: [], edits: new Map(), failures: [] };
  let conflicts: Conflict[] = [];
  for (const batch of batches(approved)) {
    const candidates = await candidatesOf(context, batch, accepted);
    conflicts = [...conflicts, ...(await applyFiles(accepted, candidates))];
  }
  await settleConflicts(context.dialogs, accepted, conflicts, files.length > 1);
  await context.reviews.settle(accepted.files, 'accepted');
  return accepted;
}

/** Those that can be applied; why one cannot is noted. */
async function candidatesOf(
  { contents }: AcceptContext,
  files: readonly ReviewFile[],
  { failures }: Accepted,
): Promise<Candidate[]> {
  const found = await Promise.allSettled(files.map((file) => candidateOf(contents, file)));
  return found.flatMap((each) => {
    if (each.status === 'fulfilled') return [each.value];
    failures.push(asOffloadError(each.reason));
    return [];
  });
}

/** Whether the changes have a folder to go to; for a run that has none the user chooses it. */
async function hasFolder(context: AcceptContext, review: Review): Promise<boolean> {
  if (review.record.root !== undefined || review.record.roots !== undefined) return true;
  const chosen = await context.dialogs.chooseFolder('Where to put the changed files', 'Put Them Here');
  if (chosen === undefined) return false;
  if (chosen.scheme !== 'file') {
    throw new OffloadError('not-supported', 'Changes can only be written to a folder of this machine.');
  }
  await context.reviews.setRoot(review, chosen);
  return true;
}

/**
 * The files without the guarded ones that the user did not let through. Undefined when the user wants none of it. One
 * that is looked at first stays for later, as do the guarded ones after it.
 */
async function approve(dialogs: Dialogs, files: readonly ReviewFile[]): Promise<ReviewFile[] | undefined> {
  const held = new Set(files.filter(({ guarded }) => guarded !== undefined));
  for (const file of [...held]) {
    const decision = await askGuarded(dialogs, file, files.length > 1);
    if (decision === 'stop') return undefined;
    if (decision === 'yes') held.delete(file);
    if (decision !== 'look') continue;
    await openChange(file);
    break;
  }
  return files.filter((file) => !held.has(file));
}

async function settleConflicts(
  dialogs: Dialogs,
  accepted: Accepted,
  conflicts: readonly Conflict[],
  among: boolean,
): Promise<void> {
  let all = false;
  for (const [index, { candidate, why }] of conflicts.entries()) {
    const { file } = candidate;
    const decision: Decision | 'all' = all
      ? 'yes'
      : await askConflict(dialogs, why, { more: conflicts.length - index - 1, among });
    all ||= decision === 'all';
    if (decision === 'look') await compareWithWorkspace(file);
    if (decision === 'look' || decision === 'stop') return;
    if (decision === 'no') continue;
    await saveOwnEdits(file);
    const left = await applyFiles(accepted, [{ ...candidate, overwrite: true }]);
    accepted.failures.push(...left.map((each) => new OffloadError('conflict', each.why)));
  }
}
