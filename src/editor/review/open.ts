import * as vscode from 'vscode';
import type { Review, ReviewFile } from './review.ts';
import { REVIEW_SCHEME, SNAPSHOT_SCHEME } from './schemes.ts';

/** Opens all of a run's changes in the multi-diff editor, in place of an earlier one of the same run. */
export async function openReview(review: Review): Promise<void> {
  await closeReview(review);
  const resources = review.files.map((file) => [file.uri, ...sides(file)]);
  await vscode.commands.executeCommand('vscode.changes', review.title, resources);
}

/** Opens one change: a diff, or the file itself where there is nothing to compare it with. */
export async function openChange(file: ReviewFile): Promise<void> {
  const [before, after] = sides(file);
  const title = `${file.label} (${OPERATIONS[file.change.operation].done} by ${file.review.record.title})`;
  if (before !== undefined && after !== undefined) {
    await vscode.commands.executeCommand('vscode.diff', before, after, title);
  } else await vscode.commands.executeCommand('vscode.open', after ?? before, {}, title);
}

/** Shows the user's own file beside the review copy, for a conflict. */
export async function compareWithWorkspace(file: ReviewFile): Promise<void> {
  const { targetUri } = file;
  if (targetUri === undefined) return;
  const right = file.change.operation === 'delete' ? file.snapshotUri : file.uri;
  const sideNames = file.change.operation === 'delete' ? 'workspace ↔ as sent' : 'workspace ↔ sandbox';
  await vscode.commands.executeCommand('vscode.diff', targetUri, right, `${file.label} (${sideNames})`);
}

/** A change's operation in words, and the letter that version control has for it. */
export const OPERATIONS = {
  create: { done: 'created', letter: 'A', color: 'gitDecoration.addedResourceForeground' },
  modify: { done: 'modified', letter: 'M', color: 'gitDecoration.modifiedResourceForeground' },
  delete: { done: 'deleted', letter: 'D', color: 'gitDecoration.deletedResourceForeground' },
} as const;

/** The snapshot's side and the review copy's; a file that is new or gone has one. */
function sides(file: ReviewFile): [vscode.Uri | undefined, vscode.Uri | undefined] {
  const { operation } = file.change;
  return [
    operation === 'create' ? undefined : file.snapshotUri,
    operation === 'delete' ? undefined : file.uri,
  ];
}

/** Closes the editor with all of a run's changes. */
export async function closeReview(review: Review): Promise<void> {
  await closeTabs((tab) => isReviewTab(tab, review));
}

/** Closes the editors of single files. */
export async function closeFiles(files: readonly ReviewFile[]): Promise<void> {
  const addresses = new Set(
    files.flatMap(({ uri, snapshotUri }) => [uri.toString(), snapshotUri.toString()]),
  );
  await closeTabs((tab) => addressesOf(tab).some((uri) => addresses.has(uri.toString())));
}

/** Whether a tab holds all changes of a run. VS Code names no input for the multi-diff editor, so its title has to do. */
export const isReviewTab = (tab: vscode.Tab, review: Review): boolean =>
  tab.label.startsWith(review.title) && addressesOf(tab).length === 0;

/** The review copy or snapshot that an editor shows; undefined for other editors. */
export const reviewAddress = (tab: vscode.Tab | undefined): vscode.Uri | undefined =>
  addressesOf(tab)
    .reverse()
    .find(({ scheme }) => scheme === REVIEW_SCHEME || scheme === SNAPSHOT_SCHEME);

function addressesOf(tab: vscode.Tab | undefined): vscode.Uri[] {
  const input = tab?.input;
  if (input instanceof vscode.TabInputTextDiff) return [input.original, input.modified];
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) return [input.uri];
  return [];
}

async function closeTabs(isMeant: (tab: vscode.Tab) => boolean): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(isMeant);
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}
