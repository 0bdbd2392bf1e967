import * as vscode from 'vscode';
import { savedBytes } from '../program/sent-file.ts';

/** What saving would write, by absolute path, of the files that have unsaved edits. */
export async function unsavedEditors(): Promise<Map<string, Uint8Array>> {
  const dirty = vscode.workspace.textDocuments.filter(
    ({ isDirty, isClosed, uri }) => isDirty && !isClosed && uri.scheme === 'file',
  );
  const contents = await Promise.all(
    dirty.map(async (document) => [document.uri.fsPath, await savedBytes(document)] as const),
  );
  return new Map(contents);
}
