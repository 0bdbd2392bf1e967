import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, fresh, started } from './support/extension.ts';

interface Manifest {
  contributes: { commands: { command: string }[] };
}

describe('the commands in the editor', () => {
  it('are those of the manifest, no more and no fewer', async () => {
    await started();
    const { contributes } = extension().packageJSON as Manifest;
    const registered = await vscode.commands.getCommands(true);
    // VS Code makes some for a view by itself.
    const ours = registered.filter(
      (id) => id.startsWith('offload.') && !/^offload\.(changes|chat|deploy)\./.test(id),
    );
    assert.deepEqual(ours.sort(), contributes.commands.map(({ command }) => command).sort());
  });

  it('give nothing away but to tests', () => {
    assert.deepEqual(Object.keys(extension().exports).sort(), ['offload', 'restart']);
  });

  for (const [command, message] of [
    ['runSelection', /no editor is open/],
    ['runFile', /no editor is open/],
    ['cancelRun', /Nothing is running/],
    ['reviewChanges', /no changes to review/],
    ['acceptAllChanges', /no changes to review/],
    ['acceptChange', /No changed file is open/],
    ['discardChanges', /no changes to review/],
    ['discardChange', /No changed file is open/],
    ['undoAccept', /Nothing was accepted/],
    ['openOutput', /No terminal of a run is open/],
  ] as const) {
    it(`offload.${command} says why it can do nothing`, async () => {
      const { dialogs } = await fresh();
      await vscode.commands.executeCommand(`offload.${command}`);
      assert.equal(dialogs.asked.length, 1);
      assert.match(dialogs.asked[0]?.message ?? '', message);
    });
  }

  it('offload.showLog shows the log', async () => {
    const { dialogs } = await started();
    await vscode.commands.executeCommand('offload.showLog');
    assert.deepEqual(dialogs.asked, []);
  });
});
