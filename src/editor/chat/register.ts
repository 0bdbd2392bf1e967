import * as vscode from 'vscode';
import type { Features } from '../features.ts';
import type { Offload } from '../offload.ts';
import type { ChatView } from './chat-view.ts';
import { CHAT_VIEW } from './view-id.ts';

/** Registers the chat's view and its commands. Everything else of it is loaded when it is first shown. */
export function registerChat(
  context: vscode.ExtensionContext,
  offload: () => Promise<Offload>,
  features: Features,
): vscode.Disposable {
  let loaded: Promise<ChatView> | undefined;
  const load = async (): Promise<ChatView> => {
    const [all, module] = await Promise.all([offload(), import('./chat-view.ts')]);
    const chat = features.own(new module.ChatView(context, all));
    all.chat = chat;
    // Tasks that go on are followed to their end, also by a window that has only just opened.
    if (vscode.workspace.isTrusted) await all.takeUpEarlierRuns();
    return chat;
  };
  const chat = () => (loaded ??= load());
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
