import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import './support/backend.ts';
import type { Offload } from '../../src/editor/offload.ts';
import { TerminalLinks } from '../../src/editor/terminal/links.ts';
import { fresh } from './support/extension.ts';
import { open, root, selectLines, write } from './support/workspace.ts';

describe('links in the terminal of a run', () => {
  let offload: Offload;
  let links: TerminalLinks;

  beforeEach(async () => {
    ({ offload } = await fresh());
    links = new TerminalLinks(offload.terminals);
  });

  afterEach(() => {
    links.dispose();
  });

  const inTerminal = (line: string, terminal = vscode.window.activeTerminal) => {
    assert.ok(terminal);
    return links.provideTerminalLinks({ terminal, line });
  };

  /** Follows the only link of a line and gives where that led, lines counted from 1. */
  async function followed(line: string): Promise<string> {
    const [link, ...more] = await inTerminal(line);
    assert.ok(link && more.length === 0, line);
    await links.handleTerminalLink(link);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const { line: at, character } = editor.selection.active;
    return `${vscode.workspace.asRelativePath(editor.document.uri)}:${String(at + 1)}:${String(character + 1)}`;
  }

  it('lead to the line of the file that the selection was taken from', async () => {
    const editor = await open(
      'pkg/trace.py',
      `${'# above\n'.repeat(39)}def f():\n    x = 1\n    raise ValueError(x)\nf()\n`,
    );
    selectLines(editor, 40, 43);
    await vscode.commands.executeCommand('offload.runSelection');
    await open('elsewhere.txt', '');
    assert.equal(await followed('  File "/workspace/pkg/trace.py", line 42, in f'), 'pkg/trace.py:42:1');
  });

  it('lead to other files of the same folder, with line and column', async () => {
    await write('lib/b c.js', 'one\ntwo\nthree three\n');
    await vscode.commands.executeCommand('offload.runFile', await write('main.js', 'console.log(1)'));
    assert.equal(await followed('    at f (/workspace/lib/b c.js:3:7)'), 'lib/b c.js:3:7');
    assert.equal(await followed('file:///workspace/lib/b%20c.js:2'), 'lib/b c.js:2:1');
  });

  it('lead nowhere else', async () => {
    await vscode.commands.executeCommand('offload.runFile', await write('main2.js', 'console.log(1)'));
    await symlink(root(), join(root(), 'loop')).catch(() => undefined);
    for (const line of [
      'File "/workspace/../../etc/passwd", line 1',
      'File "/workspace//etc/passwd", line 1',
      'File "/etc/passwd", line 1',
      'File "/workspace/not-there.py", line 1',
      'file:///workspace/%2e%2e/%2e%2e/etc/passwd:1',
      '/workspace/lib:1',
    ]) {
      assert.deepEqual(await inTerminal(line), [], line);
    }
  });

  it('are for our own terminals alone', async () => {
    await write('main3.js', '');
    const other = vscode.window.createTerminal('not ours');
    assert.deepEqual(await inTerminal('/workspace/main3.js:1:1', other), []);
    other.dispose();
  });

  it('lead from the summary to the review, and from a gap to the whole output', async () => {
    await vscode.commands.executeCommand('offload.runFile', await write('main4.py', 'print("all of it")'));
    const found = await inTerminal('✓ Exited with code 0 after 0.1 s · 1 file changed · Review Changes');
    assert.deepEqual(
      found.map(({ tooltip }) => tooltip),
      ['Review Changes'],
    );
    const [link] = await inTerminal('… about 3 MB of output left out here · Open Full Output');
    assert.ok(link);
    await links.handleTerminalLink(link);
    assert.equal(vscode.window.activeTextEditor?.document.getText(), 'all of it\n');
  });
});
