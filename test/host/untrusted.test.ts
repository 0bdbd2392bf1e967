import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { newRunId } from '../../src/core/program/program.ts';
import { started } from './support/extension.ts';
import { open, read, selectLines, write } from './support/workspace.ts';

describe('in a workspace that nobody has trusted', () => {
  before(() => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  for (const command of ['runSelection', 'runFile']) {
    it(`offload.${command} runs nothing and offers to manage trust`, async () => {
      const { offload, dialogs } = await started();
      const editor = await open('evil.py', 'open("/tmp/never", "w")\n');
      selectLines(editor, 1, 1);
      const terminals = vscode.window.terminals.length;
      await vscode.commands.executeCommand(`offload.${command}`);
      assert.match(dialogs.asked[0]?.message ?? '', /not trusted/);
      assert.equal(dialogs.asked[0]?.buttons?.[0], 'Manage Trust');
      assert.equal(vscode.window.terminals.length, terminals);
      assert.deepEqual(await offload.records.all(), []);
    });
  }

  it('no change is written, whatever waits for review', async () => {
    const { offload, dialogs } = await started();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const runId = newRunId();
    const change = {
      type: 'change',
      seq: 1,
      time: 0,
      path: 'evil.txt',
      operation: 'delete',
      mode: 0,
      size: 0,
    } as const;
    await write('evil.txt', 'still here');
    offload.reviews.add({
      ...{ format: 1, runId, title: 'x', details: [], createdAt: 0, folders: [], root: folder.toString() },
      ...{ document: folder.toString(), entry: 'x.py', sent: [], changes: [change] },
    });
    for (const command of ['acceptAllChanges', 'acceptChange', 'undoAccept']) {
      await vscode.commands.executeCommand(`offload.${command}`, runId);
    }
    assert.equal(dialogs.withText('not trusted').length, 3);
    assert.equal(await read('evil.txt'), 'still here');
  });
});
