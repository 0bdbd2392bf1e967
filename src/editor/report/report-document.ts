import * as vscode from 'vscode';
import { ReadOnlyText } from './read-only-text.ts';
import type { Remedy } from './remedy.ts';

/** A text whose lines can have a button above them. */
export interface TextReport {
  text: string;
  /** Lines are counted from 0. */
  buttons: readonly { line: number; command: vscode.Command }[];
}

/** A report as a read-only text, its buttons above the lines that they are for. */
export class ReportDocument implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #text: ReadOnlyText;
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly #registration: vscode.Disposable;
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  #buttons: TextReport['buttons'] = [];

  /** As of a {@link ReadOnlyText}. */
  constructor(scheme: string, title: string, empty: string) {
    this.#text = new ReadOnlyText(scheme, title, empty);
    this.#registration = vscode.languages.registerCodeLensProvider({ scheme }, this);
  }

  async show({ text, buttons }: TextReport): Promise<void> {
    this.#buttons = buttons;
    await this.#text.show(text);
    this.#lensesChanged.fire();
  }

  /** Changes what it holds, wherever it is shown. */
  update({ text, buttons }: TextReport): void {
    this.#buttons = buttons;
    this.#text.update(text);
    this.#lensesChanged.fire();
  }

  provideCodeLenses(): vscode.CodeLens[] {
    return this.#buttons.map(
      ({ line, command }) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command),
    );
  }

  dispose(): void {
    this.#registration.dispose();
    this.#lensesChanged.dispose();
    this.#text.dispose();
  }
}

/** The command of a button that does what a remedy says. */
export const remedyCommand = (remedy: Remedy): vscode.Command => ({
  command: 'offload.applyRemedy',
  title: remedy.label,
  arguments: [remedy],
});
