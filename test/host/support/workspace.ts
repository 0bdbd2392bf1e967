import { randomInt } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { WAIT_LIMIT } from '../../support/limits.ts';

/** The folder that the editor has open. */
export function root(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('No folder is open.');
  return folder.uri.fsPath;
}

/** Writes a file of the workspace. */
export async function write(path: string, content: string | Uint8Array): Promise<vscode.Uri> {
  const place = join(root(), path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, content);
  return vscode.Uri.file(place);
}

/** A file of the workspace as it is on the disk; undefined where there is none. */
export const read = (path: string): Promise<string | undefined> =>
  readFile(join(root(), path), 'utf8').catch(() => undefined);

export const remove = (path: string): Promise<void> =>
  rm(join(root(), path), { recursive: true, force: true });

/** Has the workspace set something; waits until the editor has read it, so that what is not heeded is not just late. */
export async function setByWorkspace(settings: Record<string, unknown>): Promise<void> {
  // One that no file of settings before it has had.
  const tabSize = randomInt(100, 1_000_000);
  await write('.vscode/settings.json', JSON.stringify({ ...settings, 'editor.tabSize': tabSize }));
  const read = () =>
    vscode.workspace.getConfiguration('editor').inspect('tabSize')?.workspaceValue === tabSize;
  await until('the settings of the workspace', read);
}

/** Opens a file of the workspace with the given content, or as it is. */
export async function open(path: string, content?: string): Promise<vscode.TextEditor> {
  const uri = content === undefined ? vscode.Uri.file(join(root(), path)) : await write(path, content);
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
}

/** Selects whole lines, counted from 1, both included. */
export function selectLines(editor: vscode.TextEditor, first: number, last: number): void {
  const end = editor.document.lineAt(last - 1).range.end;
  editor.selection = new vscode.Selection(new vscode.Position(first - 1, 0), end);
}

/** Waits until a condition holds and gives what it gave; fails with `what` when it never comes. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const limit = Date.now() + WAIT_LIMIT;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > limit) throw new Error(`Never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
