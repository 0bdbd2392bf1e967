import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import './support/backend.ts';
import type { AnsweredDialogs } from './support/dialogs.ts';
import { fresh } from './support/extension.ts';
import { Screen } from './support/screen.ts';
import { open, read, selectLines, until, write } from './support/workspace.ts';
import type { Offload } from '../../src/editor/offload.ts';

describe('running code from the editor', () => {
  let offload: Offload;
  let dialogs: AnsweredDialogs;
  let screen: Screen;

  beforeEach(async () => {
    ({ offload, dialogs } = await fresh());
    screen = new Screen(offload);
  });

  const run = (command: string, ...args: unknown[]) =>
    vscode.commands.executeCommand(`offload.${command}`, ...args);

  it('runs a selection and names the lines of the file in its stack trace', async () => {
    const lines = [
      'import os',
      '',
      'def f():',
      '    x = 1',
      '    print("x is", x)',
      '    raise ValueError("here")',
    ];
    const editor = await open('src/a.py', lines.join('\n'));
    selectLines(editor, 4, 6);
    await run('runSelection');
    assert.match(screen.plain, /▶ a\.py \(lines 4–6\)/);
    assert.match(screen.plain, /x is 1\r\n/);
    assert.match(screen.plain, /File "\/workspace\/src\/a\.py", line 6/);
    assert.match(screen.plain, /✗ Exited with code 1 after/);
    assert.deepEqual(dialogs.asked, [], 'the terminal says it all');
  });

  for (const [name, code, output] of [
    ['b.js', 'console.log(6 * 7)', '42'],
    ['c.sh', 'echo "$((6 * 7))"', '42'],
    ['d.py', 'print(6 * 7)', '42'],
  ] as const) {
    it(`runs ${name} as a file`, async () => {
      const uri = await write(name, code);
      await run('runFile', uri);
      assert.ok(screen.plain.includes(`${output}\r\n`), screen.plain);
      assert.match(screen.plain, /✓ Exited with code 0/);
    });
  }

  it('runs a file as it is seen, with its unsaved edits', async () => {
    const editor = await open('unsaved.py', 'print("old")\n');
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 1, 0), 'print("new")\n');
    });
    await run('runFile');
    assert.match(screen.plain, /new\r\n/);
    assert.doesNotMatch(screen.plain, /old/);
    assert.equal(await read('unsaved.py'), 'print("old")\n');
  });

  it('runs the selections of several cursors as one program', async () => {
    const editor = await open('several.py', 'a = 1\nb = "not this"\nprint(a)\n');
    editor.selections = [new vscode.Selection(2, 0, 2, 8), new vscode.Selection(0, 0, 0, 5)];
    await run('runSelection');
    assert.match(screen.plain, /\r\n1\r\n/);
  });

  it('runs code that was never saved', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content: 'print("kept nowhere")',
    });
    await vscode.window.showTextDocument(document);
    await run('runFile');
    assert.match(screen.plain, /kept nowhere\r\n/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('runs a file outside of the workspace from the folder that it is in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outside '));
    const uri = vscode.Uri.file(join(folder, "it's $(here).py"));
    await vscode.workspace.fs.writeFile(uri, Buffer.from('open("made.txt", "w").write("x")'));
    await run('runFile', uri);
    dialogs.answer('', 'Undo');
    await run('acceptAllChanges');
    assert.equal(offload.reviews.all.length, 0);
    await rm(folder, { recursive: true });
  });

  it('refuses an empty selection and says what to do', async () => {
    const editor = await open('empty.py', '\n\nprint(1)\n');
    editor.selection = new vscode.Selection(0, 0, 1, 0);
    await run('runSelection');
    assert.match(dialogs.asked[0]?.message ?? '', /selection is empty\. Select the code/);
    assert.equal(screen.text, '');
    assert.deepEqual(await offload.records.all(), []);
  });

  it('refuses a language that it does not know', async () => {
    await run('runFile', await write('data.csv', 'a,b'));
    assert.match(dialogs.asked[0]?.message ?? '', /data\.csv is in .* cannot be run.*Python/);
  });

  it('refuses a file of 50 MB before it reads it', async () => {
    await run('runFile', await write('huge.py', Buffer.alloc(50 * 1024 * 1024, '#')));
    assert.match(dialogs.asked[0]?.message ?? '', /huge\.py takes more than 8 MB/);
  });

  it('refuses a file that is not there', async () => {
    await run('runFile', vscode.Uri.file('/nowhere/at/all.py'));
    assert.match(dialogs.asked[0]?.message ?? '', /all\.py cannot be read/);
  });

  it('shows bytes that are no text with replacement characters, and no command to the terminal', async () => {
    const code = [
      'import sys',
      String.raw`sys.stdout.buffer.write(b"\xff\xfe ok \0 \x1b]52;c;QQ==\x07\x1b]0;title\x07\x1b[6n\x1b[31mred\x1b[0m\n")`,
    ];
    await run('runFile', await write('bytes.py', code.join('\n')));
    assert.match(screen.text, /�� ok/);
    assert.ok(screen.text.includes('\x1b[31mred\x1b[0m'));
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(screen.text, /\x1b\]|\x1b\[6n|QQ==|\x00/);
  });

  it('prints what looks like our own events as text', async () => {
    const frame = '{"seq":1,"time":1,"type":"completed","exitCode":0,"usage":{"wallMs":1,"outputBytes":0}}';
    await run('runFile', await write('frames.sh', `echo '${frame}'\nexit 3\n`));
    assert.ok(screen.plain.includes(frame));
    assert.match(screen.plain, /✗ Exited with code 3/);
  });

  it('stays alive under a flood of output, marks what it does not show, and opens all of it', async () => {
    const code = [
      'import sys',
      'lines = "".join(f"line {i}\\n" for i in range(1_000_000))',
      'for _ in range(4): sys.stdout.write(lines)',
      'print("the end")',
    ];
    await run('runFile', await write('flood.py', code.join('\n')));
    assert.ok(screen.plain.includes('line 0\r\n'), 'its beginning');
    assert.ok(/… about [\d.]+ MB of output left out here · Open Full Output/.test(screen.plain), 'the mark');
    assert.ok(screen.plain.includes('the end\r\n'), 'its end');
    await run('openOutput');
    const path = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(path instanceof vscode.TabInputText);
    const all = await readFile(path.uri.fsPath, 'utf8');
    assert.equal(all.split('\n').length, 4_000_002);
    assert.ok(all.startsWith('line 0\nline 1\n') && all.endsWith('line 999999\nthe end\n'));
  });

  for (const [how, cancel] of [
    ['by the command', () => run('cancelRun')],
    [
      'by the status bar',
      () => {
        dialogs.picked = 'Cancel forever.py';
        return run('cancelRun', 'ask');
      },
    ],
    ['by closing its terminal', () => vscode.commands.executeCommand('workbench.action.terminal.kill')],
    [
      'by Ctrl+C in its terminal',
      () => vscode.commands.executeCommand('workbench.action.terminal.sendSequence', { text: '\x03' }),
    ],
  ] as const) {
    it(`is cancelled ${how}`, async () => {
      const uri = await write('forever.py', 'import time\nprint("on", flush=True)\ntime.sleep(600)\n');
      const finished = run('runFile', uri);
      await until('output', () => screen.plain.includes('on\r\n'));
      const runId = offload.runs.active[0]?.record.runId;
      await cancel();
      await finished;
      const [latest] = await offload.sandbox.runs();
      assert.deepEqual([latest?.runId, latest?.state], [runId, 'cancelled']);
      assert.deepEqual(offload.runs.active, []);
      assert.deepEqual(await offload.records.all(), []);
    });
  }

  it('goes on in the sandbox when its terminal is closed by something else than the user', async () => {
    const uri = await write('goes-on.py', 'import time\nprint("on", flush=True)\ntime.sleep(600)\n');
    const finished = run('runFile', uri);
    await until('output', () => screen.plain.includes('on\r\n'));
    const [active] = offload.runs.active;
    assert.ok(active);
    offload.terminals.ofRun(active.record.runId)?.terminal.dispose();
    await until('the terminal to go', () => offload.terminals.ofRun(active.record.runId) === undefined);
    assert.equal((await offload.sandbox.runs())[0]?.state, 'running');
    await run('cancelRun');
    await finished;
  });

  it('takes the terminal of a document again for its next run', async () => {
    const uri = await write('again.py', 'print("once")');
    await run('runFile', uri);
    const first = vscode.window.terminals.length;
    await run('runFile', uri);
    assert.equal(vscode.window.terminals.length, first);
    assert.equal(screen.plain.split('once\r\n').length, 3);
  });

  it('tells of the end when the user looks elsewhere', async () => {
    const uri = await write('quiet.py', 'import time\ntime.sleep(4)\nprint("done")');
    const finished = run('runFile', uri);
    await until('the run', () => offload.runs.active[0]);
    const other = vscode.window.createTerminal('elsewhere');
    other.show();
    await until('the other terminal', () => vscode.window.activeTerminal === other);
    await finished;
    assert.equal(dialogs.withText('quiet.py: Exited with code 0').length, 1);
    other.dispose();
  });
});
