import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { enginesThatAnswer } from '../../src/core/container/engine.ts';
import { LOCAL } from '../../src/core/targets/target.ts';
import type { Offload } from '../../src/editor/offload.ts';
import { EditorChatBackend } from '../../src/editor/task/chat-backend.ts';
import { newRunId } from '../../src/core/program/program.ts';
import type { RunEvent } from '../../src/protocol/event.ts';
import { messagesApi, type MessagesApi } from '../support/messages-api/server.ts';
import { say, use } from '../support/messages-api/turn.ts';
import { agentProgram } from '../support/task/agents.ts';
import './support/backend.ts';
import { deployedBackend, type DeployedBackend } from './support/deployed-backend.ts';
import type { AnsweredDialogs } from './support/dialogs.ts';
import { fresh, restarted, type Started } from './support/extension.ts';
import { Screen } from './support/screen.ts';
import { read, remove, until, write } from './support/workspace.ts';

const KEY = 'made-up-key';

describe('where runs go', () => {
  let api: MessagesApi | undefined;
  let backend: DeployedBackend;
  let offload: Offload;
  let dialogs: AnsweredDialogs;
  let screen: Screen;

  const act = (command: string, ...args: unknown[]) =>
    vscode.commands.executeCommand(`offload.${command}`, ...args);
  const use_ = (started: Started): void => {
    ({ offload, dialogs } = started);
    screen = new Screen(offload);
  };

  before(async function () {
    const program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    api = await messagesApi({
      key: KEY,
      turns: [use('Bash', { command: 'cat sent.txt > made.txt', description: 'makes it' }), say('Made.')],
    });
    backend = await deployedBackend(this, {
      secret: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url },
      runnerEnv: { OFFLOAD_AGENT_PROGRAM: program },
    });
  });

  beforeEach(async () => {
    use_(await fresh());
    await offload.targets.choose(LOCAL);
    await offload.tasks.forgetConsent();
    await backend.note();
  });

  after(async () => {
    await api?.close();
    // Undefined where it could not be had.
    if ((backend as DeployedBackend | undefined) === undefined) return;
    await offload.targets.choose(LOCAL);
    await offload.tasks.forgetConsent();
    for (const { runId } of await offload.records.all()) await offload.records.remove(runId);
    await backend.dispose();
  });

  /** Picks the deployed backend, and agrees to run there. */
  async function chooseIt(): Promise<void> {
    dialogs.picked = 'AWS · ';
    await act('chooseTarget');
    dialogs.answer('Run on AWS', 'Run There');
    assert.deepEqual(offload.targets.chosen, backend.target);
  }

  it('is chosen for the workspace, this computer where nothing was', async () => {
    assert.deepEqual(offload.targets.chosen, LOCAL);
    await chooseIt();
    const [pick] = dialogs.picks;
    assert.match(pick?.items[0]?.label ?? '', /This computer/);
    assert.equal(pick?.items[0]?.description, 'chosen');
    const { label, detail } = pick.items.find((item) => item.label.includes('AWS')) ?? {};
    assert.match(
      `${label ?? ''} ${detail ?? ''}`,
      /AWS · \S+ Account 123456789012 · stack offload · default credentials/,
    );
    const container = pick.items.find((item) => item.label.includes('Container'));
    const engine = await enginesThatAnswer().then(
      ([{ kind }]) => kind,
      () => undefined,
    );
    assert.equal(container?.label, engine === undefined ? undefined : `$(package) Container (${engine})`);
    assert.ok(pick.items.at(-1)?.label.includes('Deploy a Backend…'));
    use_(await restarted());
    assert.deepEqual(offload.targets.chosen, backend.target, 'also after a reload');
  });

  it('is another account, which is agreed to once, with what it cannot hold', async () => {
    await chooseIt();
    const code = 'import sys\nopen("made.txt", "w").write("made")\nprint("hello from", sys.platform)';
    await act('runFile', await write('away.py', code));
    const [question, ...more] = dialogs.withText('Run on AWS');
    assert.deepEqual([question?.modal, more], [true, []]);
    assert.match(question?.detail ?? '', /leave this computer for AWS account 123456789012 in /);
    assert.match(question?.detail ?? '', /they can reach the internet there/);
    assert.match(screen.plain, /▶ away\.py {2}Python · AWS · \S+ · at most 54\.0 s · network: open/);
    assert.match(screen.plain, /hello from linux[^]*✓ Exited with code 0 .* · about \$0\.\d+ on AWS/);
    const [review] = offload.reviews.all;
    assert.deepEqual(review?.record.target, backend.target);
    await act('runFile', await write('away.py', 'print("again")'));
    assert.equal(dialogs.withText('Run on AWS').length, 1);
    await offload.targets.choose(LOCAL);
    await act('acceptAllChanges', review.record.runId);
    assert.equal(await read('made.txt'), 'made', 'its contents come from where it was');
    await remove('made.txt');
  });

  it('is not gone to where the user does not agree', async () => {
    await chooseIt();
    dialogs.answer('Run on AWS', undefined);
    await act('runFile', await write('away.py', 'print("never")'));
    assert.doesNotMatch(screen.plain, /never|▶/);
    assert.deepEqual(await offload.records.all(), []);
  });

  it('is for what begins: what runs already stays where it is, after a reload too', async () => {
    await chooseIt();
    const code =
      'import time\nprint("begun", flush=True)\ntime.sleep(3)\nopen("late.txt", "w").write("late")';
    void act('runFile', await write('slow.py', code));
    await until('its output', () => screen.plain.includes('begun'));
    const runId = offload.runs.active[0]?.record.runId ?? '';
    await offload.targets.choose(LOCAL);
    use_(await restarted());
    await offload.takeUpEarlierRuns();
    await until('its end', () => offload.reviews.get(runId));
    assert.match(screen.plain, /▶ slow\.py.*AWS[^]*begun[^]*✓ Exited with code 0/);
    await act('acceptAllChanges', runId);
    assert.equal(await read('late.txt'), 'late');
    await remove('late.txt');
  });

  it('is cancelled there, whatever is chosen meanwhile', async () => {
    await chooseIt();
    void act('runFile', await write('long.py', 'import time\nprint("begun", flush=True)\ntime.sleep(600)'));
    await until('its output', () => screen.plain.includes('begun'));
    await offload.targets.choose(LOCAL);
    await act('cancelRun');
    await until('its end', () => screen.plain.includes('■ Cancelled'));
  });

  it('is said to be gone, and the record of its run stays', async () => {
    await chooseIt();
    void act('runFile', await write('lost.py', 'import time\nprint("begun", flush=True)\ntime.sleep(600)'));
    await until('its output', () => screen.plain.includes('begun'));
    const runId = offload.runs.active[0]?.record.runId ?? '';
    await backend.forget();
    use_(await restarted());
    await offload.takeUpEarlierRuns();
    const said = await until('an error', () => dialogs.withText('is not known on this computer any more')[0]);
    assert.match(said.message, /If it is still there, "Offload: Show Backend Status" finds it again/);
    assert.ok(await offload.records.read(runId), 'it is looked for again');
    assert.ok(said.buttons?.includes('Forget Run'));
    use_(await restarted());
    await offload.takeUpEarlierRuns();
    assert.deepEqual(dialogs.asked, [], 'it is said once');
    await backend.note();
    use_(await restarted());
    await offload.takeUpEarlierRuns();
    const run = await until('the run', () => offload.runs.get(runId));
    await offload.runs.cancel(run);
    await until('its end', () => offload.runs.active.length === 0);
  });

  it('is where a task is done, by what is there, with consent of its own; and it is not replied to', async () => {
    await write('sent.txt', 'sent');
    await chooseIt();
    dialogs.answer('to AWS account 123456789012', 'Send');
    dialogs.picked = 'Run Task';
    await act('runTask', 'Make it');
    assert.equal(dialogs.withText('to the sandbox?').length, 0);
    const [consent] = dialogs.withText('to AWS account');
    assert.match(consent?.message ?? '', /Send \d+ files? .* to AWS account 123456789012 in /);
    assert.match(screen.plain, /Claude Code · AWS · \S+ · network: open[^]*Made\.[^]*about \$0\.\d+ on AWS/);
    const review = offload.reviews.all.find(({ record }) => record.task !== undefined);
    assert.ok(review);
    assert.ok(review.files.some(({ change }) => change.path === 'made.txt'));

    dialogs.answer('cannot be gone on with', 'New Task…');
    await act('replyToTask', review.record.runId);
    const [asked] = dialogs.inputs;
    assert.equal(asked?.value, 'Make it', 'a new one with the same prompt');
    const chat = new EditorChatBackend(offload);
    const { defaults, choices, obstacle } = await chat.overview();
    assert.equal(obstacle, undefined, 'the backend has a key of its own');
    assert.deepEqual(
      choices.agents.map(({ detail }) => detail),
      choices.agents.map(() => 'of its image'),
    );
    const [entry] = await chat.tasks(review.record.runId);
    assert.match(entry?.final ?? '', /cannot be gone on with once it has ended/);
    assert.ok((entry?.hourUsd ?? 0) > 0);
    const waiting = { onStep: () => undefined, signal: new AbortController().signal };
    const next = { runId: newRunId(), session: review.record.runId, prompt: 'More', chosen: defaults };
    await assert.rejects(chat.start(next, waiting), { code: 'run-ended' });
    const events: RunEvent[] = [];
    await offload.targets.choose(LOCAL);
    for await (const event of chat.follow(review.record.runId, 0, waiting.signal, () => undefined))
      events.push(event);
    assert.equal(events.at(-1)?.type, 'completed', 'its events come from where it was');
    dialogs.answer('Discard', 'Discard');
    await act('discardChanges', review.record.runId);
    await remove('sent.txt');
  });

  it('is looked at by the doctor', async () => {
    await chooseIt();
    await act('doctor');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /✓ AWS · \S+: control +made-up-build on Node .*, network open/);
    assert.match(text, /AWS · \S+: build +.*of another build than this Offload/);
    assert.match(text, /✗ AWS · \S+: credentials/, 'the endpoint of these tests is Lambda’s alone');
  });
});
