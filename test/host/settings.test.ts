import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import './support/backend.ts';
import type { AnsweredDialogs } from './support/dialogs.ts';
import type { Offload } from '../../src/editor/offload.ts';
import { fresh } from './support/extension.ts';
import { Screen } from './support/screen.ts';
import { read, remove, setByWorkspace, until, write } from './support/workspace.ts';

describe('settings', () => {
  let dialogs: AnsweredDialogs;
  let offload: Offload;
  let screen: Screen;
  const run = async (code: string) =>
    vscode.commands.executeCommand('offload.runFile', await write('settings.py', code));
  const set = (name: string, value: unknown) =>
    vscode.workspace.getConfiguration('offload').update(name, value, vscode.ConfigurationTarget.Global);

  beforeEach(async () => {
    ({ offload, dialogs } = await fresh());
    screen = new Screen(offload);
  });

  afterEach(async () => {
    for (const name of ['interpreters', 'limits.wallSeconds', 'limits.outputMb', 'reviewOnFinish']) {
      await set(name, undefined);
    }
  });

  for (const [name, value] of [
    ['limits.wallSeconds', '600'],
    ['interpreters', { python: 'python3' }],
    ['reviewOnFinish', 7],
  ] as const) {
    it(`that are wrong are named, and can be opened: ${name}`, async () => {
      await set(name, value);
      await run('print("never")');
      assert.equal(screen.text, '');
      const [question] = dialogs.asked;
      assert.match(question?.message ?? '', new RegExp(`The setting offload.${name} cannot be used: `));
      assert.equal(question?.buttons?.[0], 'Open Setting');
    });
  }

  it('name an interpreter that is none, and say so', async () => {
    await set('interpreters', { python: '/nowhere/python' });
    await run('print("never")');
    assert.match(dialogs.asked[0]?.message ?? '', /\/nowhere\/python is not a program that can be run/);
  });

  it('choose the interpreter', async () => {
    await set('interpreters', { python: '/usr/bin/python3' });
    await run('import sys\nprint(sys.executable)');
    assert.match(screen.plain, /▶ settings\.py {2}\/usr\/bin\/python3 ·[^]*\n\/usr\/bin\/python3\r\n/);
  });

  it('end a run that takes longer than they allow, and offer to allow more', async () => {
    await set('limits.wallSeconds', 1);
    await run('import time\nprint("on", flush=True)\ntime.sleep(60)');
    assert.match(screen.plain, /on\r\n[^]*✗ .*\(after [\d.]+ s\)/);
    assert.deepEqual(dialogs.asked[0]?.buttons, ['Open Setting', 'Show Log']);
  });

  it('end a run that prints more than they allow', async () => {
    await set('limits.outputMb', 1);
    await run('while True: print("x" * 1000)');
    assert.match(screen.plain.slice(-500), /✗ .*output.*\(after [\d.]+ s\)/);
  });

  it('open the review at once', async () => {
    await set('reviewOnFinish', 'open');
    await run('open("at-once.txt", "w").write("x")');
    const labels = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    await until('the review', () => labels().some((label) => label.startsWith('Changes by settings.py')));
    assert.deepEqual(dialogs.withText('changed 1 file'), []);
    await vscode.commands.executeCommand('offload.acceptAllChanges');
    assert.equal(await read('at-once.txt'), 'x');
    await remove('at-once.txt');
  });

  it('only list the changes', async () => {
    await set('reviewOnFinish', 'list');
    await run('open("listed.txt", "w").write("x")');
    assert.equal(offload.reviews.all.length, 1);
    assert.deepEqual(dialogs.asked, []);
    await offload.reviews.settle(offload.reviews.all.flatMap(({ files }) => files));
  });

  it('of a workspace set neither interpreters nor limits', async () => {
    await setByWorkspace({ 'offload.limits.wallSeconds': 'evil', 'offload.interpreters': 'evil' });
    await run('print("still runs")');
    assert.match(screen.plain, /still runs/);
    await remove('.vscode');
  });
});
