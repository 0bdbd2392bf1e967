import * as vscode from 'vscode';
import type { Remedy } from './remedy.ts';

/** Does what a button under an error promises. @param retry does again what failed, for whoever knows how */
export async function applyRemedy(
  remedy: Remedy,
  log: vscode.LogOutputChannel,
  retry?: () => Promise<unknown>,
): Promise<void> {
  switch (remedy.kind) {
    case 'open-setting':
      await vscode.commands.executeCommand('workbench.action.openSettings', `@id:${remedy.setting}`);
      return;
    case 'trust':
      await vscode.commands.executeCommand('workbench.trust.manage');
      return;
    case 'terminal': {
      const terminal = vscode.window.createTerminal({ name: 'Offload Setup' });
      terminal.show();
      // Typed, not run: the user looks at it first.
      terminal.sendText(remedy.line, false);
      return;
    }
    case 'copy':
      await vscode.env.clipboard.writeText(remedy.line);
      return;
    case 'command':
      await vscode.commands.executeCommand(remedy.command);
      return;
    case 'go-on':
      await vscode.commands.executeCommand('offload.replyToTask', remedy.task);
      return;
    case 'policy':
      await vscode.commands.executeCommand('offload.showPolicy', remedy.policy, remedy.place);
      return;
    case 'link':
      await vscode.env.openExternal(vscode.Uri.parse(remedy.address, true));
      return;
    case 'log-in':
      if ((await vscode.commands.executeCommand('offload.logInToAws', remedy.profile ?? '')) === true)
        await retry?.();
      return;
    case 'log':
      log.show();
      return;
    case 'retry':
      await retry?.();
  }
}
