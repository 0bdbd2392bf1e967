import * as vscode from 'vscode';

/** Files of this machine: what lies elsewhere does not go along. */
const DOCUMENTS: vscode.DocumentSelector = [{ scheme: 'file' }, { scheme: 'untitled' }];

/** A diagnostic as a command takes it. */
export interface FixTarget {
  uri: vscode.Uri;
  range: vscode.Range;
  problems: { severity: string; message: string; source?: string }[];
}

/** Offers an agent's work on what tools say of the code, among the quick fixes. */
export function registerFixActions(): vscode.Disposable {
  const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  return vscode.languages.registerCodeActionsProvider(DOCUMENTS, { provideCodeActions: fixActions }, kinds);
}

function fixActions(
  document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics, only }: vscode.CodeActionContext,
): vscode.CodeAction[] {
  if (!vscode.workspace.isTrusted || diagnostics.length === 0) return [];
  if (only !== undefined && !only.contains(vscode.CodeActionKind.QuickFix)) return [];
  const title = 'Fix This in Sandbox';
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [...diagnostics];
  action.command = { command: 'offload.fixInSandbox', title, arguments: [fixTarget(document, diagnostics)] };
  return [action];
}

/** Everything that is wrong at one place. */
export function fixTarget(
  { uri }: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
): FixTarget {
  const range = diagnostics.map((each) => each.range).reduce((all, each) => all.union(each));
  return { uri, range, problems: diagnostics.map(problemOf) };
}

const SEVERITIES = ['error', 'warning', 'information', 'hint'];

function problemOf({ severity, message, source, code }: vscode.Diagnostic): FixTarget['problems'][number] {
  const shownCode = typeof code === 'object' ? code.value : code;
  const who = [source ?? '', shownCode === undefined ? '' : `(${String(shownCode)})`].join('');
  return {
    severity: SEVERITIES[severity] ?? 'error',
    message,
    ...(who === '' ? {} : { source: who }),
  };
}
