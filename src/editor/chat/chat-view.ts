import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { newRunId } from '../../core/program/program.ts';
import type { ChatViews, Offload } from '../offload.ts';
import { EditorChatBackend } from '../task/chat-backend.ts';
import { ChatHost } from './chat-host.ts';
import { pageHtml } from './page-html.ts';
import { CHAT_VIEW } from './view-id.ts';

/** The chat in the side bar. Its page is made anew each time it is shown, and restored from runs' journals. */
export class ChatView implements ChatViews, vscode.Disposable {
  readonly #folder: vscode.Uri;
  readonly #host: ChatHost;
  readonly #records: Offload['records'];
  #view: vscode.WebviewView | undefined;

  constructor(context: vscode.ExtensionContext, offload: Offload) {
    this.#records = offload.records;
    this.#folder = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview');
    this.#host = new ChatHost({
      backend: new EditorChatBackend(offload),
      memento: context.workspaceState,
      newRunId,
    });
  }

  /** Fills a view that VS Code is about to show. */
  resolve(view: vscode.WebviewView): void {
    const { webview } = view;
    webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [this.#folder] };
    const page = this.#host.connect(async (message) => webview.postMessage(message));
    const subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => void page.take(message)),
      view.onDidChangeVisibility(() => {
        if (!view.visible) page.sleep();
      }),
    ];
    view.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
      this.#host.disconnect(page);
      if (this.#view === view) this.#view = undefined;
    });
    this.#view = view;
    const address = (name: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#folder, name)).toString();
    webview.html = pageHtml({
      nonce: randomBytes(16).toString('hex'),
      script: address('chat.js'),
      style: address('chat-style.css'),
    });
  }

  /** Whether the user is looking at a run in it. */
  isSeen(runId: string): boolean {
    return (
      this.#view?.visible === true && vscode.window.state.focused && this.#host.page?.shows(runId) === true
    );
  }

  /** Shows the conversation that a task belongs to. */
  async show(runId: string): Promise<void> {
    const record = await this.#records.read(runId);
    await this.#host.show(record?.task?.conversation ?? runId);
    await vscode.commands.executeCommand(`${CHAT_VIEW}.focus`);
  }

  async newChat(): Promise<void> {
    await this.#host.show(null);
    await vscode.commands.executeCommand(`${CHAT_VIEW}.focus`);
    await this.#host.reveal('prompt');
  }

  async showChats(): Promise<void> {
    await vscode.commands.executeCommand(`${CHAT_VIEW}.focus`);
    await this.#host.reveal('sessions');
  }

  dispose(): void {
    this.#host.dispose();
  }
}
