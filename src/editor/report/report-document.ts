import * as vscode from 'vscode';
import type { Remedy } from './remedy.ts';

/** A text whose lines can have a button above them. */
export interface TextReport {
  text: string;
  /** Lines are counted from 0. */
  buttons: readonly { line: number; command: vscode.Command }[];
}

/** A report as a read-only text, its buttons above the lines that they are for. */
export class ReportDocument
  implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider, vscode.Disposable
{
  readonly #address: vscode.Uri;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly #registrations: vscode.Disposable;
  readonly onDidChange = this.#changed.event;
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  #report: TextReport;

  /** @param empty what it holds before it was shown, as after a reload of the window */
  constructor(scheme: string, title: string, empty: string) {
    this.#address = vscode.Uri.from({ scheme, path: `/${title}` });
    this.#report = { text: empty, buttons: [] };
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.languages.registerCodeLensProvider({ scheme }, this),
    );
  }

  async show(report: TextReport): Promise<void> {
    this.update(report);
    await vscode.window.showTextDocument(this.#address, { preview: false });
  }

  /** Changes what it holds, wherever it is shown. */
  update(report: TextReport): void {
    this.#report = report;
    this.#changed.fire(this.#address);
    this.#lensesChanged.fire();
  }

  provideTextDocumentContent(): string {
    return this.#report.text;
  }

  provideCodeLenses(): vscode.CodeLens[] {
    return this.#report.buttons.map(
      ({ line, command }) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command),
    );
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#changed.dispose();
    this.#lensesChanged.dispose();
  }
}

/** The command of a button that does what a remedy says. */
export const remedyCommand = (remedy: Remedy): vscode.Command => ({
  command: 'offload.applyRemedy',
  title: remedy.label,
  arguments: [remedy],
});
