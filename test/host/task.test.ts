import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { newRunId } from '../../src/core/program/program.ts';
import { agentProgram } from '../support/task/agents.ts';
import { say, text, use } from '../support/messages-api/turn.ts';
import type { MessagesApiOptions } from '../support/messages-api/server.ts';
import './support/backend.ts';
import { closedPort } from './support/closed-port.ts';
import { restarted } from './support/extension.ts';
import { opened } from './support/reviewer.ts';
import { setSetting, TaskUser } from './support/task-user.ts';
import { unsavedNotebook, withoutNotebookFormat } from './support/notebook.ts';
import { open, read, remove, root, until, write } from './support/workspace.ts';

const write_ = (path: string, content: string) => use('Write', { file_path: `/workspace/${path}`, content });
const bash = (command: string) => use('Bash', { command, description: 'Runs it' });

describe('a task from the editor', function () {
  this.timeout(90_000);
  let user: TaskUser;
  const begin = async (script: MessagesApiOptions) => (user = await TaskUser.begin(script));

  before(function () {
    agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
  });

  beforeEach(async () => {
    for (const name of await vscode.workspace.fs.readDirectory(vscode.Uri.file(root())))
      await remove(name[0]);
  });

  afterEach(async () => {
    await user.end();
    assert.deepEqual(user.api.unexpected, []);
  });

  it('goes from the prompt to the accepted change', async () => {
    await begin({ turns: [[text('I will write it.'), write_('new.txt', 'made')], say('It is written.')] });
    await write('old.txt', 'old');
    await user.task('Write new.txt');
    const { plain } = user.screen;
    assert.match(
      plain,
      /▶ Write new\.txt {2}Claude Code · sandbox on this machine · no network · 1 file \(3 bytes\)/,
    );
    assert.match(plain, /I will write it\.[^]*●[^\n]*new\.txt[^]*It is written\./);
    assert.match(
      plain,
      /✓ Done after [\d.]+ s · 2 turns · [\d.]+k? tokens.* · 1 file changed · Review Changes/,
    );
    assert.equal(await read('new.txt'), undefined, 'nothing is written before it is accepted');
    const [review] = user.offload.reviews.all;
    assert.deepEqual(
      review?.files.map(({ label }) => label),
      ['new.txt'],
    );
    await user.act('acceptAllChanges');
    assert.equal(await read('new.txt'), 'made');
  });

  it('works on the files as they are seen, and is compared with them', async () => {
    await begin({
      turns: [bash('sed -i s/edited/changed/ a.txt && rm b.txt && chmod +x c.sh'), say('Done.')],
    });
    await write('b.txt', 'bee');
    await write('c.sh', 'echo');
    const editor = await open('a.txt', 'as saved\n');
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 1, 0), 'as edited\n');
    });
    await user.task('Change it');
    const files = Object.fromEntries(
      (user.offload.reviews.all[0]?.files ?? []).map((file) => [file.change.path, file]),
    );
    assert.deepEqual(
      Object.entries(files).map(([path, { change }]) => [path, change.operation]),
      [
        ['a.txt', 'modify'],
        ['b.txt', 'delete'],
        ['c.sh', 'modify'],
      ],
    );
    const { 'a.txt': a, 'b.txt': b } = files;
    assert.ok(a && b);
    assert.equal(await opened(a.snapshotUri), 'as edited\n', 'the left side is what was sent');
    assert.equal(await opened(a.uri), 'as changed\n');
    await remove('b.txt');
    assert.equal(await opened(b.snapshotUri), 'bee', 'also when it is gone from the disk');
    await write('b.txt', 'bee');
    await user.act('acceptAllChanges');
    assert.deepEqual(user.dialogs.withText('has changed'), []);
    assert.deepEqual([await read('a.txt'), await read('b.txt')], ['as changed\n', undefined]);
    await user.act('undoAccept');
    assert.deepEqual([await read('a.txt'), await read('b.txt')], ['as edited\n', 'bee']);
  });

  it('asks before a file is replaced that has changed meanwhile', async () => {
    await begin({ turns: [write_('a.txt', 'of the agent'), say('Done.')] });
    await write('a.txt', 'as sent');
    await user.task('Change a.txt');
    await write('a.txt', 'of the user');
    await user.act('acceptAllChanges');
    assert.equal(user.dialogs.withText('a.txt has changed in the workspace').length, 1);
    assert.equal(await read('a.txt'), 'of the user');
    await user.offload.reviews.settle(user.offload.reviews.all.flatMap(({ files }) => files));
  });

  it('loses nothing where files are edited while it works that it changes too', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await begin({
      turns: [
        bash('for f in a b c; do echo of the agent > $f.txt; done'),
        { ...say('Done.'), hold: { event: 2, until: held } },
      ],
    });
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await write(name, 'as sent\n');
    const task = user.task('Change them');
    await until('its result', () => user.api.bodies[1]);
    await write('a.txt', 'of the user\n');
    const editor = await open('b.txt');
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), 'unsaved, ');
    });
    go();
    await task;
    const [review] = user.offload.reviews.all;
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await user.act('acceptChange', review?.file(name));
    assert.equal(user.dialogs.withText('a.txt has changed in the workspace').length, 1);
    assert.equal(user.dialogs.withText('b.txt has unsaved edits in the editor').length, 1);
    assert.deepEqual(
      [await read('a.txt'), await read('b.txt'), await read('c.txt')],
      ['of the user\n', 'as sent\n', 'of the agent\n'],
    );
    assert.equal(editor.document.getText(), 'unsaved, as sent\n');
    const left = user.offload.reviews.all.flatMap(({ files }) => files);
    assert.deepEqual(
      left.map(({ label }) => label),
      ['a.txt', 'b.txt'],
    );
    await user.offload.reviews.settle(left);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('takes a notebook along as it is seen, unsaved cells too, and brings its change back', async () => {
    await begin({ turns: [bash('cat n.ipynb && sed -i s/unsaved/changed/ n.ipynb'), say('Done.')] });
    await unsavedNotebook('n.ipynb');
    await user.task('Look at the notebook');
    assert.match(JSON.stringify(user.api.bodies.at(-1)?.messages), /unsaved = 2/);
    assert.doesNotMatch((await read('n.ipynb')) ?? '', /unsaved/, 'it is not saved by being sent');
    await user.act('acceptAllChanges');
    assert.deepEqual(user.dialogs.withText('n.ipynb has'), []);
    assert.match((await read('n.ipynb')) ?? '', /saved = 1[^]*changed = 2/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('says before it is sent that only what is saved of a notebook goes, where nobody can say what is not', async () => {
    const { vscodeFormat, restore } = await withoutNotebookFormat();
    try {
      assert.equal(vscodeFormat.exportNotebook, undefined);
      await begin({ turns: [bash('cat other.ipynb'), say('Done.')] });
      await unsavedNotebook('other.ipynb');
      const runs = (await user.offload.sandbox.runs()).length;
      await user.task('Look at the notebook');
      const [question] = user.dialogs.withText('Send 1 file as saved, without your unsaved edits?');
      assert.equal(question?.modal, true);
      assert.match(question.detail ?? '', /• other\.ipynb[^]*Save them first/);
      assert.equal((await user.offload.sandbox.runs()).length, runs, 'closing it sends nothing');
      user.dialogs.answer('as saved', 'Send As Saved');
      await user.task('Look at the notebook');
      const told = JSON.stringify(user.api.bodies.at(-1)?.messages);
      assert.match(told, /saved = 1/);
      assert.doesNotMatch(told, /unsaved = 2/);
    } finally {
      restore();
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });

  it('sends nothing when the user does not agree', async () => {
    await begin({});
    const runs = (await user.offload.sandbox.runs()).length;
    user.dialogs.answer('to the sandbox?', undefined);
    await write('a.txt', 'x');
    await user.task('Do it');
    assert.equal(user.dialogs.withText('to the sandbox?').length, 1);
    assert.deepEqual([user.api.requests.length, (await user.offload.sandbox.runs()).length], [0, runs]);
    assert.deepEqual(await user.offload.records.all(), []);
    assert.equal(user.screen.text, '');
  });

  it('leaves out what looks like a secret, and asks once', async () => {
    await begin({ turns: [bash('ls -A'), say('Done.')] });
    await write('id_rsa', 'made up');
    await write('a.txt', 'x');
    await user.task('Look');
    await user.task('Look again');
    const asked = user.dialogs.withText('to the sandbox?');
    assert.equal(asked.length, 1);
    assert.match(asked[0]?.detail ?? '', /id_rsa: .* \(stays here\)/);
    const bodies = JSON.stringify(user.api.bodies);
    assert.match(bodies, /a\.txt/);
    assert.doesNotMatch(bodies, /id_rsa/);
    await write('.env', 'A=made-up\n');
    await user.task('Look once more');
    assert.equal(user.dialogs.withText('to the sandbox?').length, 2);
  });

  it('sends a secret that the user allows, and asks again when it has become another', async () => {
    await begin({ turns: [bash('cat .env'), say('Done.')] });
    user.dialogs.answer('to the sandbox?', 'Send');
    let isChosen = false;
    user.dialogs.ticked = ['.env'];
    const ask = user.dialogs.ask.bind(user.dialogs);
    user.dialogs.ask = async (question) => {
      if (question.buttons?.includes('Choose Files with Secrets…') === true && !isChosen) {
        isChosen = true;
        return 'Choose Files with Secrets…';
      }
      return ask(question);
    };
    await write('.env', 'A=first-made-up\n');
    await user.task('Look');
    assert.match(JSON.stringify(user.api.bodies), /first-made-up/);
    await user.task('Look again');
    assert.equal(user.dialogs.withText('to the sandbox?').length, 1);
    await write('.env', 'A=second-made-up\n');
    await user.task('Look once more');
    const asked = user.dialogs.withText('to the sandbox?');
    assert.equal(asked.length, 2);
    assert.match(asked[1]?.detail ?? '', /\.env: .*\(changed since you allowed it, stays here\)/);
    assert.doesNotMatch(JSON.stringify(user.api.bodies), /second-made-up/);
  });

  it('says what is missing before anything is read or sent', async () => {
    await begin({});
    await user.offload.keys.remove({ provider: 'compatible', baseUrl: user.api.url });
    await setSetting('task.provider', 'anthropic');
    await user.task('Do it');
    assert.match(user.dialogs.asked[0]?.message ?? '', /There is no key for the model/);
    assert.equal(user.dialogs.asked[0]?.buttons?.[0], 'Set Model Key…');
    await setSetting('task.provider', 'compatible');
    await setSetting('agents.claude-code.path', '/nowhere/claude');
    await user.task('Do it');
    assert.match(user.dialogs.asked[1]?.message ?? '', /\/nowhere\/claude is not a program of Claude Code/);
    await user.task('   ');
    assert.match(user.dialogs.asked[2]?.message ?? '', /the prompt is empty/);
    assert.deepEqual(user.dialogs.withText('to the sandbox?'), []);
  });

  it('says that the model cannot be reached, with what helps', async () => {
    await begin({});
    await setSetting('task.baseUrl', `http://127.0.0.1:${String(await closedPort())}`);
    await user.task('Do it');
    const [question] = user.dialogs.asked.filter(({ severity }) => severity === 'error');
    assert.match(question?.message ?? '', /127\.0\.0\.1/, JSON.stringify(user.dialogs.asked));
    assert.match(user.screen.plain, /✗ /);
    assert.deepEqual(user.offload.runs.active, []);
  });

  it('refuses a prompt of 5 MB before anything is asked or sent', async () => {
    await begin({});
    await user.task('x'.repeat(5 << 20));
    const [question] = user.dialogs.withText('The prompt takes 5 MB; 1 MB can be sent.');
    assert.match(question?.message ?? '', /Put long material into files/);
    assert.deepEqual([user.dialogs.withText('to the sandbox?'), user.api.requests], [[], []]);
  });

  it('says that the model does not take the key', async () => {
    await begin({ key: 'another' });
    await user.task('Do it');
    const [question] = user.dialogs.asked.filter(({ severity }) => severity === 'error');
    assert.equal(question?.buttons?.[0], 'Set Model Key…', JSON.stringify(user.dialogs.asked));
    assert.match(user.screen.plain, /✗ /);
    assert.doesNotMatch(user.screen.text + JSON.stringify(user.dialogs.asked), /made-up-key/);
  });

  it('is verified by its check, whatever the agent says', async () => {
    await begin({ turns: [say('All is well.')] });
    await setSetting('task.check', 'echo looking; test -e missing.txt');
    await user.task('Do it');
    assert.match(user.screen.plain, /▶ check\r\nlooking\r\n✗ The check failed \(exit code 1\)/);
    assert.match(user.screen.plain, /✗ Done after [\d.]+ s, but its check failed/);
  });

  it('is told what the workspace and the settings tell every task, which is shown', async () => {
    await begin({ turns: [say('As you wish.')] });
    await write('.offload/task.md', 'Use tabs, always.\n');
    await setSetting('task.instructions', 'Be brief.');
    await user.task('Do it');
    const items = user.dialogs.picks.find(({ title }) => title === 'Run Task')?.items ?? [];
    assert.equal(items.at(-1)?.description, '.offload/task.md: Use tabs, always.');
    assert.match(
      user.dialogs.withText('to the sandbox?')[0]?.detail ?? '',
      /is told what is in \.offload\/task\.md/,
    );
    assert.match(user.screen.plain, / · told \.offload\/task\.md/);
    const body = JSON.stringify(user.api.bodies[0]);
    assert.match(body, /Use tabs, always\.[^]*Be brief\./);
  });

  for (const [name, value] of [
    ['task.budgetUsd', '5'],
    ['task.agent', 'cobol'],
  ] as const) {
    it(`names a setting that is wrong: ${name}`, async () => {
      await begin({});
      await setSetting(name, value);
      await user.task('Do it');
      const [question] = user.dialogs.asked;
      assert.match(question?.message ?? '', new RegExp(`The setting offload.${name} cannot be used: `));
      assert.equal(question?.buttons?.[0], 'Open Setting');
      assert.deepEqual(user.api.requests, []);
    });
  }

  it('ends at its budget, keeps what it did, and can be gone on with', async () => {
    await begin({ turns: [write_('a.txt', 'a'), say('More.', { usage: { output: 100_000 } })] });
    await setSetting('task.budgetUsd', 0.01);
    await user.task('Do it');
    const [question] = user.dialogs.asked.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      question?.buttons,
      ['Open Setting', 'Go On…', 'Show Log'],
      JSON.stringify(user.dialogs.asked),
    );
  });

  it('is stopped, and what it did is kept', async () => {
    await begin({ turns: [[write_('a.txt', 'half'), bash('sleep 1000')]] });
    const task = user.task('Take your time');
    await user.running('sleep 1000').catch(() => user.running('Runs it'));
    await until('the file is written', () => user.screen.plain.includes('a.txt'));
    await user.act('stopTask', newRunId());
    assert.equal(user.dialogs.withText('That task is not there any more').length, 1);
    assert.equal(user.offload.runs.active[0]?.isInterrupted, false, 'no other is stopped in its place');
    await user.act('stopTask');
    await task;
    assert.deepEqual(
      user.offload.reviews.all[0]?.files.map(({ label }) => label),
      ['a.txt'],
    );
    assert.equal(user.offload.runs.active.length, 0);
  });

  it('goes on with its conversation and files afterwards', async () => {
    await begin({
      turns: [write_('one.txt', '1'), say('Wrote one.')],
      replies: [{ to: 'and two', turns: [bash('cat one.txt > two.txt'), say('Wrote two.')] }],
    });
    await user.task('Write one');
    user.dialogs.type('Reply to', 'and two');
    await user.act('replyToTask');
    assert.match(user.screen.plain, /Wrote one\.[^]*▶ and two[^]*Wrote two\./);
    const changes = user.offload.reviews.all.map(({ files }) => files.map(({ label }) => label));
    assert.deepEqual(changes[0], ['one.txt', 'two.txt'], JSON.stringify(changes));
    const [second, first] = await user.offload.tasks.all();
    assert.equal(second?.task?.conversation, first?.runId);
    assert.equal(second?.task?.resume, first?.runId);
    await user.act('acceptAllChanges', second?.runId);
    assert.equal(await read('two.txt'), '1');
  });

  it('takes a message while it works', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await begin({
      turns: [{ ...say('Working.'), hold: { event: 2, until: held } }],
      replies: [{ to: 'be quick', turns: [say('Quickly then.')] }],
    });
    user.dialogs.type('Reply to', 'be quick');
    user.dialogs.picked = ['Run Task', 'When Its Turn Has Ended'];
    const task = user.task('Do it');
    await user.running('Claude Code 2');
    await user.act('replyToTask');
    go();
    await task;
    assert.match(user.screen.plain, /▸ be quick[^]*Quickly then\./);
    assert.equal((await user.offload.tasks.all()).length, 1, 'it is the same task');
  });

  it('is there again after a reload in its middle', async () => {
    let go = (): void => undefined;
    const until_ = new Promise<void>((resolve) => (go = resolve));
    await begin({
      turns: [
        [text('Before.'), write_('a.txt', 'a')],
        { ...say('After.'), hold: { event: 1, until: until_ } },
      ],
    });
    const task = user.task('Do it');
    const { record } = await user.running('a.txt');
    const { offload } = await restarted();
    await task;
    assert.equal(offload.runs.active.length, 0);
    await offload.takeUpEarlierRuns();
    await until('it is followed', () => offload.runs.get(record.runId));
    go();
    const review = await until('its end', () => offload.reviews.get(record.runId));
    assert.deepEqual(
      review.files.map(({ label }) => label),
      ['a.txt'],
    );
    await offload.reviews.settle(review.files);
    assert.equal((await offload.tasks.all())[0]?.runId, record.runId, 'it can be gone on from');
  });

  it('asks the user what the agent asks', async () => {
    const question = {
      question: 'Which way?',
      header: 'Way',
      multiSelect: false,
      options: [
        { label: 'Left', description: 'the short one' },
        { label: 'Right', description: 'the long one' },
      ],
    };
    await begin({ turns: [use('AskUserQuestion', { questions: [question] }), say('Thank you.')] });
    user.dialogs.answer('asks: Which way?', 'Answer…');
    user.dialogs.picked = ['Run Task', 'Right'];
    await user.task('Find the way');
    assert.match(user.screen.plain, /\? Way: Which way\?\r\n {2}○ Left: the short one/);
    assert.match(JSON.stringify(user.api.bodies.at(-1)), /Right/);
    assert.match(user.screen.plain, /Thank you\./);
  });

  /** What it does, for how long, and what that took. */
  const PROGRESS = /^Run sleep 1000 \d+:\d\d · (\d+ turns? · )?[\d.]+k? tokens · \$/;

  it('shows in the status bar what it does and what that takes', async () => {
    const { progressOf } = await import('../../src/editor/run/status-bar.ts');
    await begin({ turns: [bash('sleep 1000')] });
    const task = user.task('Take your time');
    const run = await until('a task', () => user.offload.runs.active[0]);
    let shown = '';
    await until('its progress', () => PROGRESS.test((shown = progressOf(run)))).catch(() =>
      assert.match(shown, PROGRESS),
    );
    await user.act('cancelRun');
    await task;
    assert.match(user.screen.plain, /■ Cancelled after/);
  });
});
