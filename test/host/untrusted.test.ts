import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { newRunId } from '../../src/core/program/program.ts';
import { started } from './support/extension.ts';
import { open, read, selectLines, write } from './support/workspace.ts';

describe('in a workspace that nobody has trusted', () => {
  before(() => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  const starting = ['runSelection', 'runFile', 'runTask', 'runTaskOnSelection', 'fixInSandbox', 'fixRun'];
  for (const command of [...starting, 'replyToTask', 'chooseTarget']) {
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

  it('no fix is offered, no prompt is asked for, and the chat cannot send', async () => {
    const { offload, dialogs } = await started();
    const editor = await open('evil.ts', 'let a = 1;\n');
    const range = new vscode.Range(0, 0, 0, 3);
    const diagnostics = vscode.languages.createDiagnosticCollection('made-up');
    diagnostics.set(editor.document.uri, [new vscode.Diagnostic(range, 'wrong')]);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      range,
    );
    diagnostics.dispose();
    assert.ok(!actions.some(({ title }) => title === 'Fix This in Sandbox'));
    await vscode.commands.executeCommand('offload.runTask');
    assert.deepEqual(dialogs.inputs, []);
    const { EditorChatBackend } = await import('../../src/editor/task/chat-backend.ts');
    const chat = new EditorChatBackend(offload);
    const { defaults, trusted } = await chat.overview();
    assert.equal(trusted, false);
    const task = {
      runId: newRunId(),
      session: null,
      prompt: 'x',
      chosen: { ...defaults, agent: 'claude-code' },
    };
    const waiting = { onStep: () => undefined, signal: new AbortController().signal };
    await assert.rejects(chat.start(task, waiting), { code: 'untrusted' });
    assert.deepEqual(await offload.records.all(), []);
  });

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
