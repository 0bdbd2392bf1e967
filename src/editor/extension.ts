import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { DEPLOYMENTS } from '../core/deploy/folders.ts';
import { localFolders } from '../core/local/folders.ts';
import { chatLoader } from './chat/load-chat.ts';
import { registerChat } from './chat/register.ts';
import { registerCommands } from './commands.ts';
import { DEPLOY_NOTES } from './deploy/folders.ts';
import { Features } from './features.ts';
import type { Offload } from './offload.ts';
import { registerReviewFiles } from './review/register-files.ts';
import { CHOSEN_TARGET } from './target/chosen-target.ts';
import { registerFixActions } from './task/fix-actions.ts';

/** What the in-host tests reach the extension by; there in no user's editor. */
export interface TestAccess {
  offload: () => Promise<Offload>;
  /** Ends the extension and begins it again, as a reload of the window does. */
  restart: () => void;
}

let features: Features | undefined;

/** Registers what the manifest promises. All else is built when it is first needed. */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  const log = vscode.window.createOutputChannel('Offload', { log: true });
  context.subscriptions.push(log);
  let offload = begin(context, log);
  if (context.extensionMode !== vscode.ExtensionMode.Test) return undefined;
  return {
    offload: () => offload(),
    restart: () => {
      deactivate();
      offload = begin(context, log);
    },
  };
}

/** Leaves nothing running in this process. The backend stays: other windows use it, and runs go on in it. */
export function deactivate(): void {
  features?.dispose();
  features = undefined;
}

function begin(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): () => Promise<Offload> {
  const parts = new Features(log);
  features = parts;
  let built: Promise<Offload> | undefined;
  const offload = () => {
    built ??= import('./offload.ts').then((module) => new module.Offload(context, log, parts, chat));
    return built;
  };
  const chat = chatLoader(context, offload, parts);
  parts.add('commands', () => registerCommands(offload));
  parts.add('chat', () => registerChat(offload, chat));
  parts.add('fix actions', registerFixActions);
  parts.add('review files', () =>
    registerReviewFiles(async () => {
      const all = await offload();
      await all.takeUpEarlierRuns();
      return all;
    }),
  );
  parts.add('earlier runs and target', () =>
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void takeUp(context, offload, log);
      void offerBackend(context, offload, log);
    }),
  );
  void takeUp(context, offload, log);
  void offerBackend(context, offload, log);
  return offload;
}

/** Loads the rest at once only where an earlier window has left something, or runs go elsewhere or could. */
async function takeUp(
  context: vscode.ExtensionContext,
  offload: () => Promise<Offload>,
  log: vscode.LogOutputChannel,
): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  try {
    const records = await readdir(vscode.Uri.joinPath(context.globalStorageUri, 'runs').fsPath).catch(
      () => [],
    );
    if (records.length > 0) await (await offload()).takeUpEarlierRuns();
    else if (await isElsewherePossible(context)) await offload();
  } catch (error) {
    log.error('Earlier runs could not be taken up.', error);
  }
}

/** Loads what looks after a backend in AWS only where this machine knows of one. */
async function offerBackend(
  { globalState, extensionPath }: vscode.ExtensionContext,
  offload: () => Promise<Offload>,
  log: vscode.LogOutputChannel,
): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  try {
    const { state } = localFolders();
    if (!(await hasFiles(join(state, DEPLOYMENTS))) && !(await hasFiles(join(state, DEPLOY_NOTES)))) return;
    const { offerAtStart } = await import('./deploy/at-start.ts');
    const { lookQuietly } = await import('./deploy/look-quietly.ts');
    const all = await offload();
    const folder = join(extensionPath, 'dist', 'backend');
    await offerAtStart({
      ...{ dialogs: all.dialogs, memory: globalState, state, folder, chosen: all.targets.chosen },
      look: (deployment) =>
        lookQuietly(deployment, folder, (error) => {
          log.info('The backend in AWS could not be looked at.', error);
        }),
      deploy: async (place) => (await all.backend()).deploy(place),
      showStatus: async (place) => (await all.backend()).showStatus(place),
      chooseTarget: () => vscode.commands.executeCommand('offload.chooseTarget'),
    });
  } catch (error) {
    log.error('The backend in AWS could not be looked after.', error);
  }
}

/** Whether another target than this computer is chosen for the workspace, or a backend was deployed from here. */
async function isElsewherePossible(context: vscode.ExtensionContext): Promise<boolean> {
  if (context.workspaceState.get(CHOSEN_TARGET) !== undefined) return true;
  return hasFiles(join(localFolders().state, DEPLOYMENTS));
}

/** Whether something is noted in a folder. */
const hasFiles = async (folder: string): Promise<boolean> =>
  (await readdir(folder).catch(() => [])).some((name) => name.endsWith('.json'));
