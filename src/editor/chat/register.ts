import * as vscode from 'vscode';
import type { Offload } from '../offload.ts';
import type { ChatView } from './chat-view.ts';
import { CHAT_VIEW } from './view-id.ts';

/** Registers the chat's view and its commands. Everything else of it is loaded when it is first shown. */
export function registerChat(
  offload: () => Promise<Offload>,
  chat: () => Promise<ChatView>,
): vscode.Disposable {
  const command = (id: string, run: (chat: ChatView) => Promise<void>) =>
    vscode.commands.registerCommand(id, async () => {
      const all = await offload();
      try {
        await run(await chat());
      } catch (error) {
        all.report(error, id);
      }
    });
  return vscode.Disposable.from(
    vscode.window.registerWebviewViewProvider(CHAT_VIEW, {
      async resolveWebviewView(view) {
        (await chat()).resolve(view);
      },
    }),
    command('offload.newChat', (view) => view.newChat()),
    command('offload.showChats', (view) => view.showChats()),
  );
}
