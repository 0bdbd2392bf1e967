import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { say } from '../support/messages-api/turn.ts';
import { agentProgram } from '../support/task/agents.ts';
import './support/backend.ts';
import { TaskUser } from './support/task-user.ts';
import { open, selectLines, until, write } from './support/workspace.ts';

describe('a fix in the sandbox', () => {
  let user: TaskUser;
  let diagnostics: vscode.DiagnosticCollection;

  before(function () {
    agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    diagnostics = vscode.languages.createDiagnosticCollection('made-up');
  });

  after(() => {
    diagnostics.dispose();
  });

  beforeEach(async () => {
    user = await TaskUser.begin({ turns: [say('Fixed.')] });
  });

  afterEach(async () => {
    diagnostics.clear();
    await user.end();
  });

  /** What the model was asked, as text. */
  const asked = () => JSON.stringify(user.api.bodies[0]?.messages ?? []).replaceAll('\\n', '\n');

  const problem = async (code = 'let a = 1;\nlet b = a.x;\n') => {
    const editor = await open('src/wrong.ts', code);
    const found = new vscode.Diagnostic(new vscode.Range(1, 8, 1, 11), 'no property x on a number');
    found.source = 'ts';
    found.code = 2339;
    diagnostics.set(editor.document.uri, [found]);
    return { editor, found };
  };

  it('is among the quick fixes of a diagnostic, and tells the agent all about it', async () => {
    const { editor, found } = await problem();
    const { uri } = editor.document;
    // The window hears of a diagnostic a little later.
    const fix = await until('the quick fix', async () => {
      const kind = vscode.CodeActionKind.QuickFix.value;
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        uri,
        found.range,
        kind,
      );
      return actions.find(({ title }) => title === 'Fix This in Sandbox');
    });
    assert.ok(fix.command);
    await vscode.commands.executeCommand(
      fix.command.command,
      ...((fix.command.arguments ?? []) as unknown[]),
    );
    for (const part of ['src/wrong.ts', 'error of ts(2339)', 'no property x on a number', 'let b = a.x;']) {
      assert.ok(asked().includes(part), part);
    }
    assert.match(user.screen.plain, /▶ Fix this in `src\/wrong\.ts`[^]*Fixed\./);
  });

  it('is none where nothing is wrong', async () => {
    const editor = await open('right.ts', 'let a = 1;\n');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      new vscode.Range(0, 0, 0, 1),
    );
    assert.ok(!actions.some(({ title }) => title === 'Fix This in Sandbox'));
    await user.act('fixInSandbox');
    assert.equal(user.dialogs.withText('Nothing is wrong where the cursor is').length, 1);
  });

  it('is of the problem at the cursor when the palette asks for it', async () => {
    const { editor } = await problem();
    editor.selection = new vscode.Selection(1, 9, 1, 9);
    await user.act('fixInSandbox');
    assert.ok(asked().includes('no property x on a number'));
  });

  it('is offered below a run that failed, and tells the agent what it said', async () => {
    const uri = await write('bad.py', 'print("before")\nraise ValueError("here")\n');
    await user.act('runFile', uri);
    assert.match(user.screen.plain, /✗ Exited with code 1 .*· Fix This in Sandbox/);
    await user.act('fixRun', user.offload.terminals.of(vscode.window.activeTerminal)?.record.runId);
    for (const part of ['Running `bad.py` failed: Exited with code 1', 'ValueError: here']) {
      assert.ok(asked().includes(part), part);
    }
  });

  it('is not offered below a run that went well', async () => {
    await user.act('runFile', await write('good.py', 'print(1)'));
    assert.doesNotMatch(user.screen.plain, /Fix This/);
    await user.act('fixRun', 'r_none');
    assert.equal(user.dialogs.withText('There is no terminal of a run that has failed').length, 1);
  });

  it('of a selection sends what is selected with its place', async () => {
    const editor = await open('src/some.ts', 'one\ntwo\nthree\n');
    selectLines(editor, 2, 3);
    user.dialogs.type('Run Task on some.ts', 'Explain this');
    await user.act('runTaskOnSelection');
    assert.match(
      asked(),
      /Explain this\n\nThis is about `src\/some\.ts`, lines 2 to 3:\n\n```typescript\ntwo\nthree/,
    );
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await user.act('runTaskOnSelection');
    assert.equal(user.dialogs.withText('the selection is empty').length, 1);
  });
});
