import * as vscode from 'vscode';
import type { Remedy } from '../report/remedy.ts';
import type { Report } from './report.ts';

const SCHEME = 'offload-doctor';
const ADDRESS = vscode.Uri.from({ scheme: SCHEME, path: '/Offload Doctor' });

/** The doctor's report as a read-only text, its buttons above the lines that they are for. */
export class DoctorDocument
  implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider, vscode.Disposable
{
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly #registrations: vscode.Disposable;
  readonly onDidChange = this.#changed.event;
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  #report: Report = { text: 'Run "Offload: Doctor" to look again.\n', buttons: [] };

  constructor() {
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
    );
  }

  async show(report: Report): Promise<void> {
    this.#report = report;
    this.#changed.fire(ADDRESS);
    this.#lensesChanged.fire();
    await vscode.window.showTextDocument(ADDRESS, { preview: false });
  }

  provideTextDocumentContent(): string {
    return this.#report.text;
  }

  provideCodeLenses(): vscode.CodeLens[] {
    const again = lens(0, { command: 'offload.doctor', title: '$(refresh) Look again' });
    return [again, ...this.#report.buttons.map(({ line, remedy }) => lens(line, remedyCommand(remedy)))];
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#changed.dispose();
    this.#lensesChanged.dispose();
  }
}

const lens = (line: number, command: vscode.Command) =>
  new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command);

const remedyCommand = (remedy: Remedy): vscode.Command => ({
  command: 'offload.applyRemedy',
  title: remedy.label,
  arguments: [remedy],
});
