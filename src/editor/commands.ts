import * as vscode from 'vscode';
import type { Offload } from './offload.ts';
import type { Remedy } from './report/remedy.ts';

type Command = (offload: Offload, ...args: unknown[]) => unknown;

/** Every command by its id, as the manifest names it. What a command alone needs is loaded with its first use. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'offload.runSelection': async (offload) => {
    const { runSelection } = await import('./run/start.ts');
    await runSelection(offload, await activeEditor());
  },
  'offload.runFile': async (offload, target) => {
    const { runFile } = await import('./run/start.ts');
    await runFile(offload, target instanceof vscode.Uri ? target : (await activeEditor()).document.uri);
  },
  'offload.cancelRun': async (offload, ask) => {
    const { cancelRun } = await import('./run/cancel.ts');
    await cancelRun(offload.runs, offload.dialogs, ask === 'ask');
  },
  'offload.runTask': async (offload, prompt) => {
    const { runTask } = await import('./task/commands.ts');
    await runTask(offload, prompt);
  },
  'offload.runTaskOnSelection': async (offload) => {
    const { runTaskOnSelection } = await import('./task/commands.ts');
    await runTaskOnSelection(offload, await activeEditor());
  },
  'offload.fixInSandbox': async (offload, target) => {
    const { fixInSandbox } = await import('./task/commands.ts');
    await fixInSandbox(offload, target);
  },
  'offload.fixRun': async (offload, target) => {
    const { fixRun } = await import('./task/commands.ts');
    await fixRun(offload, target);
  },
  'offload.stopTask': async (offload, target) => {
    const { stopTask } = await import('./task/commands.ts');
    await stopTask(offload, target);
  },
  'offload.replyToTask': async (offload, target) => {
    const { replyToTask } = await import('./task/commands.ts');
    await replyToTask(offload, target);
  },
  'offload.showTask': async (offload, target) => {
    const { showTask } = await import('./task/commands.ts');
    await showTask(offload, target);
  },
  'offload.askBeforeSending': async ({ tasks, dialogs }) => {
    await tasks.forgetConsent();
    void dialogs.ask({ severity: 'info', message: 'You are asked before files of this workspace are sent.' });
  },
  'offload.chooseTarget': async (offload) => {
    const { chooseTarget } = await import('./target/choose.ts');
    await chooseTarget(offload);
  },
  'offload.buildImage': async ({ dialogs, log, targets }) => {
    const { buildContainerImage } = await import('./container/build-image.ts');
    await buildContainerImage({ dialogs, log, folder: targets.openOptions.backendFolder });
    targets.refresh();
  },
  'offload.setModelKey': async ({ keys, dialogs }) => {
    const { setModelKey } = await import('./task/key-commands.ts');
    await setModelKey({ keys, dialogs });
  },
  'offload.removeModelKey': async ({ keys, dialogs }) => {
    const { removeModelKey } = await import('./task/key-commands.ts');
    await removeModelKey({ keys, dialogs });
  },
  'offload.reviewChanges': (offload, target) => offload.review.review(target),
  'offload.openChange': (offload, target) => offload.review.openChange(target),
  'offload.acceptAllChanges': (offload, target) => offload.review.acceptAll(target),
  'offload.acceptChange': (offload, target) => offload.review.acceptOne(target),
  'offload.discardChanges': (offload, target) => offload.review.discardAll(target),
  'offload.discardChange': (offload, target) => offload.review.discardOne(target),
  'offload.undoAccept': (offload) => offload.review.undo(),
  'offload.openOutput': async (offload, target) => {
    const { showOutput } = await import('./terminal/show-output.ts');
    await showOutput(offload, target);
  },
  'offload.deployBackend': async (offload, place) => (await offload.backend()).deploy(place),
  'offload.stopDeploy': async (offload) => {
    (await offload.backend()).stop();
  },
  'offload.hideDeploy': async (offload) => (await offload.backend()).hide(),
  'offload.destroyBackend': async (offload, place) => (await offload.backend()).destroy(place),
  'offload.showBackendStatus': async (offload, place) => (await offload.backend()).showStatus(place),
  'offload.showFunctionLogs': async (offload, place) => (await offload.backend()).showLogs(place),
  'offload.stopFunctionLogs': async (offload) => {
    (await offload.backend()).stopLogs();
  },
  'offload.logInToAws': async (offload, profile) => (await offload.backend()).logIn(profile),
  'offload.showPolicy': async (offload, name, place) => (await offload.backend()).showPolicy(name, place),
  'offload.doctor': async (offload) => {
    const { showDoctor } = await import('./doctor/doctor.ts');
    await showDoctor(offload);
  },
  'offload.applyRemedy': async ({ log }, remedy) => {
    const { applyRemedy } = await import('./report/apply-remedy.ts');
    await applyRemedy(remedy as Remedy, log);
  },
  'offload.showLog': ({ log }) => {
    log.show();
  },
};

/** Registers all commands. What one throws goes to the error report, with a retry. */
export function registerCommands(offload: () => Promise<Offload>): vscode.Disposable {
  const run = async (id: string, command: Command, args: unknown[]): Promise<unknown> => {
    const all = await offload();
    try {
      return await command(all, ...args);
    } catch (error) {
      void all.errors.show(error, id, { retry: () => run(id, command, args) });
      return undefined;
    }
  };
  const registrations = Object.entries(COMMANDS).map(([id, command]) =>
    vscode.commands.registerCommand(id, (...args: unknown[]) => run(id, command, args)),
  );
  return vscode.Disposable.from(...registrations);
}

async function activeEditor(): Promise<vscode.TextEditor> {
  const editor = vscode.window.activeTextEditor;
  if (editor !== undefined) return editor;
  const { OffloadError } = await import('../protocol/error.ts');
  throw new OffloadError('bad-request', 'There is no code to run: no editor is open.', {
    fix: 'Open a file, select the code that should run, and try again.',
  });
}
