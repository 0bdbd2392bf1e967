import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Offload } from '../../src/editor/offload.ts';
import { endBackend } from './support/backend.ts';
import type { AnsweredDialogs } from './support/dialogs.ts';
import { fresh } from './support/extension.ts';
import { Screen } from './support/screen.ts';
import { until, write } from './support/workspace.ts';

describe('a run that cannot be what the user wanted', () => {
  let offload: Offload;
  let dialogs: AnsweredDialogs;
  let screen: Screen;

  const begin = async () => {
    ({ offload, dialogs } = await fresh());
    screen = new Screen(offload);
  };
  const run = async (code: string) =>
    vscode.commands.executeCommand('offload.runFile', await write('fail.py', code));

  it('ends with what happened when the backend is killed under it, and the next one works', async () => {
    await begin();
    const finished = run('import time\nprint("on", flush=True)\ntime.sleep(600)');
    await until('output', () => screen.plain.includes('on\r\n'));
    await endBackend(offload, 'SIGKILL');
    await finished;
    assert.match(screen.plain, /on\r\n[^]*✗ .*\r\n/);
    assert.equal(dialogs.asked.length, 1);
    assert.equal(dialogs.asked[0]?.severity, 'error');
    assert.deepEqual(offload.runs.active, []);
    await run('print("works")');
    assert.match(screen.plain, /works\r\n[^]*✓ Exited with code 0/);
  });

  describe('for the machine has no isolation', () => {
    const kept = { ...process.env };
    let folder: string;

    before(async () => {
      // Not in the tests' own folder, which is closed to the user that a backend of root's makes boxes as.
      folder = await mkdtemp('/tmp/n-');
      await chmod(folder, 0o755);
      // What a system says that lets no user make namespaces.
      const bwrap = join(folder, 'bin', 'bwrap');
      await mkdir(join(folder, 'bin'));
      const answers = '[ "$1" = --version ] && exec echo "bubblewrap 0.8.0"';
      await writeFile(
        bwrap,
        `#!/bin/sh\n${answers}\necho "bwrap: setting up uid map: Permission denied" >&2\nexit 1\n`,
      );
      await chmod(bwrap, 0o755);
      for (const name of ['XDG_RUNTIME_DIR', 'XDG_STATE_HOME']) {
        process.env[name] = join(folder, name);
        await mkdir(join(folder, name), { mode: 0o700 });
      }
      process.env['PATH'] = `${join(folder, 'bin')}:${kept['PATH'] ?? ''}`;
      await begin();
    });

    after(async () => {
      await endBackend(offload, 'SIGTERM');
      Object.assign(process.env, kept);
      await fresh();
      await rm(folder, { recursive: true, force: true });
    });

    it('does not happen, and says what to type', async () => {
      await run('print("never")');
      assert.doesNotMatch(screen.plain, /never/);
      const [question] = dialogs.asked;
      assert.match(question?.message ?? '', /cannot make a sandbox here.*sudo sysctl/);
      assert.deepEqual(question?.buttons, ['Type It in a Terminal', 'Copy Command', 'Show Log']);
      assert.deepEqual(await offload.records.all(), []);
    });

    it('can have the line typed into a terminal, where it waits', async () => {
      dialogs.answer('cannot make a sandbox here', 'Type It in a Terminal');
      await run('print("never")');
      const terminal = await until('the terminal', () =>
        vscode.window.terminals.find(({ name }) => name === 'Offload Setup'),
      );
      terminal.dispose();
    });

    it('is what the doctor finds', async () => {
      await vscode.commands.executeCommand('offload.doctor');
      assert.match(
        vscode.window.activeTextEditor?.document.getText() ?? '',
        /✗ Isolation +bubblewrap cannot make a sandbox here.*\n +What to do: .*sudo sysctl/,
      );
    });
  });
});
