import * as vscode from 'vscode';

const SCHEME = 'offload-policy';
const ADDRESS = vscode.Uri.from({ scheme: SCHEME, path: '/Session Policy.json' });

/** A session's policy as a read-only text. */
export class PolicyDocument implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly onDidChange = this.#changed.event;
  #text = '';

  async show(text: string): Promise<void> {
    this.#text = text;
    this.#changed.fire(ADDRESS);
    await vscode.window.showTextDocument(ADDRESS, { preview: false });
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
