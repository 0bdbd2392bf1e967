import type * as vscode from 'vscode';
import { openNotebook, savedNotebook } from '../program/notebooks.ts';
import { openDocument, savedBytes } from '../program/sent-file.ts';
import { sha256 } from '../sha256.ts';
import type { ReviewFile } from './review.ts';

/** Saves the edits of review copies that are still in their editors. False when one could not be saved. */
export async function saveReviewCopies(files: readonly ReviewFile[]): Promise<boolean> {
  for (const file of files) {
    const document = openDocument(file.uri);
    if (document?.isDirty === true && !(await document.save())) return false;
  }
  return true;
}

/**
 * Sees to the unsaved edits of the user's own file before a change is written to it. Edits that were sent with the run
 * are saved, for the change rests on them.
 * @returns whether there are others, which the change knows nothing of
 */
export async function hasOtherEdits(file: ReviewFile): Promise<boolean> {
  const edited = editedOf(file);
  if (edited === undefined) return false;
  const bytes = await ('getText' in edited ? savedBytes(edited) : savedNotebook(edited));
  const sent = file.review.snapshot.get(file.change.path);
  if (bytes === undefined || sent?.hash !== sha256(bytes)) return true;
  return !(await edited.save());
}

/** Saves the user's own file, so that what it holds can be brought back after it is overwritten. */
export async function saveOwnEdits(file: ReviewFile): Promise<void> {
  await editedOf(file)?.save();
}

/** The user's own file as an editor has it, with edits that are not saved. */
function editedOf({ targetUri }: ReviewFile): vscode.TextDocument | vscode.NotebookDocument | undefined {
  if (targetUri === undefined) return undefined;
  const open = openDocument(targetUri) ?? openNotebook(targetUri);
  return open?.isDirty === true ? open : undefined;
}
