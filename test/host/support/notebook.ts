import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until, write } from './workspace.ts';

const cell = (source: string) => ({
  ...{ cell_type: 'code', metadata: {}, outputs: [], execution_count: null, source },
});

/** Opens a notebook in which the cell `saved = 1` is saved, and `unsaved = 2` is not. */
export async function unsavedNotebook(path: string): Promise<void> {
  const content = { cells: [cell('saved = 1')], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  const uri = await write(path, JSON.stringify(content));
  const notebook = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(notebook);
  const edit = new vscode.WorkspaceEdit();
  const added = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'unsaved = 2', 'python');
  edit.set(uri, [vscode.NotebookEdit.insertCells(1, [added])]);
  await vscode.workspace.applyEdit(edit);
  await until('the unsaved cell', () => notebook.isDirty);
}

interface NotebookFormat {
  exportNotebook: unknown;
}

/** Takes from VS Code's own extension for notebooks what writes them, as it is in an editor without it. */
export async function withoutNotebookFormat(): Promise<{
  vscodeFormat: NotebookFormat;
  restore: () => void;
}> {
  const extension = vscode.extensions.getExtension<NotebookFormat>('vscode.ipynb');
  assert.ok(extension);
  const vscodeFormat = await extension.activate();
  const { exportNotebook } = vscodeFormat;
  vscodeFormat.exportNotebook = undefined;
  return {
    vscodeFormat,
    restore: () => {
      vscodeFormat.exportNotebook = exportNotebook;
    },
  };
}
