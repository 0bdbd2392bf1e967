import * as vscode from 'vscode';
import { savedNotebook } from '../program/notebooks.ts';
import { savedBytes } from '../program/sent-file.ts';

/** Files of this machine with edits that are not saved. */
export interface UnsavedEditors {
  /** What saving would write, by absolute path. */
  contents: ReadonlyMap<string, Uint8Array>;
  /** Those whose editors let nobody see what they would write: of these only what is saved is known. */
  unseen: readonly vscode.Uri[];
}

/** What of files is in editors alone: texts, notebooks, and editors of other extensions. */
export async function unsavedEditors(): Promise<UnsavedEditors> {
  const { textDocuments, notebookDocuments } = vscode.workspace;
  const texts = textDocuments
    .filter(isUnsaved)
    .map(async (document) => [document.uri, await savedBytes(document)] as const);
  const notebooks = notebookDocuments
    .filter(isUnsaved)
    .map(async (notebook) => [notebook.uri, await savedNotebook(notebook)] as const);
  const contents = new Map<string, Uint8Array>();
  const unseen = new Map<string, vscode.Uri>();
  for (const uri of unsavedTabs()) unseen.set(uri.fsPath, uri);
  for (const [uri, bytes] of await Promise.all([...texts, ...notebooks])) {
    unseen.delete(uri.fsPath);
    if (bytes === undefined) unseen.set(uri.fsPath, uri);
    else contents.set(uri.fsPath, bytes);
  }
  return { contents, unseen: [...unseen.values()] };
}

const isUnsaved = ({ isDirty, isClosed, uri }: vscode.TextDocument | vscode.NotebookDocument): boolean =>
  isDirty && !isClosed && uri.scheme === 'file';

/** The files whose tabs say that they are not saved, in editors that other extensions have made. */
const unsavedTabs = (): vscode.Uri[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ isDirty, input }) =>
      isDirty && input instanceof vscode.TabInputCustom && input.uri.scheme === 'file' ? [input.uri] : [],
    );
