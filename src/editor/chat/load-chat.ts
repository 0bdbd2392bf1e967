import * as vscode from 'vscode';
import type { Features } from '../features.ts';
import type { Offload } from '../offload.ts';
import type { ChatView } from './chat-view.ts';

/** What loads the chat when it is first used, and only then. */
export function chatLoader(
  context: vscode.ExtensionContext,
  offload: () => Promise<Offload>,
  features: Features,
): () => Promise<ChatView> {
  let loaded: Promise<ChatView> | undefined;
  const load = async (): Promise<ChatView> => {
    const [all, module] = await Promise.all([offload(), import('./chat-view.ts')]);
    const chat = features.own(new module.ChatView(context, all));
    all.chat = chat;
    // Tasks that go on are followed to their end, also by a window that has only just opened.
    if (vscode.workspace.isTrusted) await all.takeUpEarlierRuns();
    return chat;
  };
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      // The next who wants it tries again.
      loaded = undefined;
      throw error;
    }));
}
