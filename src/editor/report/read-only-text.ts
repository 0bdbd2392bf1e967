import * as vscode from 'vscode';

/** For how long an open editor may take to show another text, in milliseconds: it is shown as it is then. */
const SHOWN_WITHIN = 2_000;

/** A text at an address of its own that cannot be edited. */
export class ReadOnlyText implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #address: vscode.Uri;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  readonly onDidChange = this.#changed.event;
  #text: string;

  /**
   * @param scheme of its address, this text's alone
   * @param title what its editor is called
   * @param empty what it holds before it was shown, as after a reload of the window
   */
  constructor(scheme: string, title: string, empty = '') {
    this.#address = vscode.Uri.from({ scheme, path: `/${title}` });
    this.#text = empty;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /** Opens its editor, once that shows this text: nobody reads, or agrees to, an earlier one. */
  async show(text: string): Promise<void> {
    const open = vscode.workspace.textDocuments.find((each) => this.#isAt(each));
    const isShown = open === undefined || open.getText() === text ? undefined : this.#nextChange();
    this.update(text);
    await isShown;
    await vscode.window.showTextDocument(this.#address, { preview: false });
  }

  /** Changes what it holds, wherever it is shown. */
  update(text: string): void {
    this.#text = text;
    this.#changed.fire(this.#address);
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  #isAt({ uri }: vscode.TextDocument): boolean {
    return uri.toString() === this.#address.toString();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        change.dispose();
        resolve();
      };
      const timer = setTimeout(end, SHOWN_WITHIN);
      const change = vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#isAt(document)) end();
      });
    });
  }
}
