import * as vscode from 'vscode';

/** The type of notebook that `.ipynb` files are. */
const JUPYTER = 'jupyter-notebook';

/** What that extension has VS Code leave out when it saves: it is known while the notebook is open, and no longer. */
const TRANSIENT = { notebook: ['cells', 'indentAmount'], cell: ['breakpointMargin'] };

/** VS Code's own extension that reads and writes such files; what of it can be called. */
interface NotebookFormat {
  exportNotebook(notebook: vscode.NotebookData): Promise<string>;
}

export const openNotebook = (uri: vscode.Uri): vscode.NotebookDocument | undefined =>
  vscode.workspace.notebookDocuments.find((notebook) => notebook.uri.toString() === uri.toString());

/** The bytes that saving a notebook would write; undefined where nobody but its editor knows how it is written. */
export async function savedNotebook(notebook: vscode.NotebookDocument): Promise<Buffer | undefined> {
  if (notebook.notebookType !== JUPYTER) return undefined;
  const format: unknown = await vscode.extensions.getExtension('vscode.ipynb')?.activate();
  return isFormat(format) ? Buffer.from(await format.exportNotebook(dataOf(notebook)), 'utf8') : undefined;
}

const isFormat = (value: unknown): value is NotebookFormat =>
  typeof value === 'object' &&
  value !== null &&
  'exportNotebook' in value &&
  typeof value.exportNotebook === 'function';

function dataOf(notebook: vscode.NotebookDocument): vscode.NotebookData {
  const cells = notebook.getCells().map((cell) => {
    const { document, outputs, metadata, executionSummary } = cell;
    const data = new vscode.NotebookCellData(cell.kind, document.getText(), document.languageId);
    data.outputs = [...outputs];
    data.metadata = without(TRANSIENT.cell, metadata);
    if (executionSummary !== undefined) data.executionSummary = executionSummary;
    return data;
  });
  const data = new vscode.NotebookData(cells);
  data.metadata = without(TRANSIENT.notebook, notebook.metadata);
  return data;
}

const without = (names: readonly string[], metadata: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name)));
