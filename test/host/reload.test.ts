import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import './support/backend.ts';
import { newRunId } from '../../src/core/program/program.ts';
import type { OffloadError } from '../../src/protocol/error.ts';
import type { Offload } from '../../src/editor/offload.ts';
import type { RunRecord } from '../../src/editor/run/record.ts';
import { windowFolders } from '../../src/editor/run/start.ts';
import { fresh, restarted } from './support/extension.ts';
import { Screen } from './support/screen.ts';
import { read, remove, until, write } from './support/workspace.ts';

describe('a run that a reload of the window comes between', () => {
  before(fresh);

  const act = (command: string, ...args: unknown[]) =>
    vscode.commands.executeCommand(`offload.${command}`, ...args);

  /** Begins a run that prints, waits for longer than a window takes to begin, prints again and makes a file. */
  async function begun(offload: Offload, name: string) {
    const code = [
      'import time',
      'print("begun", flush=True)',
      'time.sleep(5)',
      'open("late.txt", "w").write("late")',
      'print("ended", flush=True)',
    ];
    const screen = new Screen(offload);
    void act('runFile', await write(name, code.join('\n')));
    await until('its first output', () => screen.plain.includes('begun'));
    const [run] = offload.runs.active;
    assert.ok(run);
    return run.record;
  }

  it('is found again, shown from its beginning, and reviewed', async () => {
    const before = await restarted();
    const record = await begun(before.offload, 'slow.py');
    const { offload } = await restarted();
    const screen = new Screen(offload);
    await offload.takeUpEarlierRuns();
    await until('its end', () => offload.reviews.get(record.runId));
    assert.match(screen.plain, /▶ slow\.py.*\r\nbegun\r\nended\r\n/);
    assert.match(screen.plain, /✓ Exited with code 0 .* · 1 file changed/);
    assert.equal(offload.runs.active.length, 0);
    await act('acceptAllChanges', record.runId);
    assert.equal(await read('late.txt'), 'late');
    await remove('late.txt');
  });

  it('can be cancelled from the window that found it', async () => {
    const before = await restarted();
    const record = await begun(before.offload, 'slow2.py');
    const { offload } = await restarted();
    await offload.takeUpEarlierRuns();
    await until('the run', () => offload.runs.get(record.runId));
    await act('cancelRun');
    await until('its end', () => offload.runs.active.length === 0);
    assert.equal((await offload.sandbox.runs())[0]?.state, 'cancelled');
  });

  it('has its changes in the review again when it ended before, edits of copies included', async () => {
    const before = await restarted();
    await act(
      'runFile',
      await write('maker2.py', 'open("n1.txt", "w").write("1")\nopen("n2.txt", "w").write("2")'),
    );
    const [file] = before.offload.reviews.all[0]?.files ?? [];
    assert.ok(file);
    await vscode.workspace.fs.writeFile(file.uri, Buffer.from('edited'));
    const terminals = vscode.window.terminals.length;
    const { offload } = await restarted();
    // As an editor does that was open before the reload.
    const text = (await vscode.workspace.openTextDocument(file.uri)).getText();
    assert.equal(text, 'edited');
    assert.deepEqual(
      offload.reviews.all[0]?.files.map(({ label }) => label),
      ['n1.txt', 'n2.txt'],
    );
    assert.ok(vscode.window.terminals.length <= terminals, 'no terminal for a run that has ended');
    await act('acceptAllChanges');
    assert.deepEqual([await read('n1.txt'), await read('n2.txt')], ['edited', '2']);
    await remove('n1.txt');
    await remove('n2.txt');
  });

  it('is followed by two windows at once, and either may accept', async () => {
    const { offload } = await restarted();
    const record = await begun(offload, 'slow3.py');
    const { Runs } = await import('../../src/editor/run/runs.ts');
    const { Reviews } = await import('../../src/editor/review/reviews.ts');
    const { Terminals } = await import('../../src/editor/terminal/terminals.ts');
    const { Finish } = await import('../../src/editor/run/finish.ts');
    const { takeUpEarlierRuns } = await import('../../src/editor/run/earlier-runs.ts');
    const { records, log, targets } = offload;
    const terminals = new Terminals();
    const reviews = new Reviews(records);
    const report = (error: unknown) => assert.fail(String(error));
    const sandboxOf = targets.sandboxOf.bind(targets);
    const end = new Finish({ sandboxOf, records, reviews, log, report, dialogs: () => offload.dialogs });
    const viewOf = terminals.forRun.bind(terminals);
    const runs = new Runs({ sandboxOf, viewOf, end, report });
    const { dialogs } = offload;
    await takeUpEarlierRuns({ records, reviews, runs, targets, dialogs, report }, windowFolders());
    assert.deepEqual(
      runs.active.map((run) => run.record.runId),
      [record.runId],
    );
    await until('both ends', () => reviews.get(record.runId) && offload.reviews.get(record.runId));
    await act('acceptAllChanges', record.runId);
    assert.equal(await read('late.txt'), 'late');
    for (const part of [runs, terminals, reviews]) part.dispose();
    await remove('late.txt');
  });

  it('is followed again, and not begun again, when what is wrong in its midst was put right', async () => {
    const { offload, dialogs } = await restarted();
    const { targets, sandbox } = offload;
    const screen = new Screen(offload);
    const before = (await sandbox.runs()).length;
    // The extension's own kind of error, of which this bundle has another copy.
    const stream = sandbox.attach(newRunId(), 0)[Symbol.asyncIterator]();
    const own = (await stream.next().catch((error: unknown) => error)) as OffloadError;
    const Thrown = own.constructor as typeof OffloadError;
    // The first stream breaks off as it does on AWS when a login runs out.
    targets.sandboxOf = () => ({
      ...sandbox,
      async *submit(...args) {
        for await (const event of sandbox.submit(...args)) {
          yield event;
          if (event.type === 'output') break;
        }
        throw new Thrown('login-expired', 'The login to AWS has run out.');
      },
    });
    dialogs.answer('has run out', 'Retry');
    const code = 'import time\nprint("begun", flush=True)\ntime.sleep(1)\nprint("ended")';
    await act('runFile', await write('login.py', code));
    await until('its end', () => screen.plain.includes('✓ Exited with code 0'));
    assert.match(screen.plain, /begun\r\nended/);
    assert.equal((await sandbox.runs()).length, before + 1);
    assert.equal(dialogs.withText('has run out').length, 1);
    await until('its end here', () => offload.runs.active.length === 0);
  });

  const record = (more: Partial<RunRecord>): RunRecord => ({
    format: 1,
    runId: newRunId(),
    title: 'gone.py',
    details: [],
    createdAt: Date.now(),
    folders: windowFolders(),
    document: 'file:///gone.py',
    entry: 'gone.py',
    sent: [],
    ...more,
  });

  it('is forgotten, and that is said, when the backend has never heard of it', async () => {
    const before = await restarted();
    await before.offload.records.save(record({}));
    const { offload, dialogs } = await restarted();
    await offload.takeUpEarlierRuns();
    await until('the message', () => dialogs.asked[0]);
    assert.deepEqual(await offload.records.all(), []);
    assert.equal(offload.runs.active.length, 0);
  });

  it('is left to the windows of its own workspace', async () => {
    const before = await restarted();
    const other = record({ folders: ['file:///another/workspace'] });
    await before.offload.records.save(other);
    const { offload } = await restarted();
    await offload.takeUpEarlierRuns();
    assert.equal(offload.runs.active.length, 0);
    assert.deepEqual(await offload.records.all(), [other]);
    await offload.records.remove(other.runId);
  });

  it('is not begun when it cannot be noted down first', async () => {
    const { offload, dialogs } = await restarted();
    const runs = (await offload.sandbox.runs()).length;
    const save = offload.records.save.bind(offload.records);
    offload.records.save = () => Promise.reject(new Error('disk full'));
    await act('runFile', await write('unnoted.py', 'print(1)'));
    offload.records.save = save;
    assert.equal(dialogs.withText('disk full').length, 1);
    assert.equal((await offload.sandbox.runs()).length, runs);
  });
});
