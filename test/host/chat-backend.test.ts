import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import { newRunId } from '../../src/core/program/program.ts';
import { LostRun } from '../../src/editor/run/lost-run.ts';
import { EditorChatBackend } from '../../src/editor/task/chat-backend.ts';
import { OffloadError } from '../../src/protocol/error.ts';
import type { ChangeEvent, RunEvent } from '../../src/protocol/event.ts';
import { say, use } from '../support/messages-api/turn.ts';
import { agentProgram } from '../support/task/agents.ts';
import './support/backend.ts';
import { restarted } from './support/extension.ts';
import { closedPort } from './support/closed-port.ts';
import { tabs } from './support/reviewer.ts';
import { setSetting, TaskUser } from './support/task-user.ts';
import { read, remove, until, write } from './support/workspace.ts';

describe('what the editor does for the chat', () => {
  let user: TaskUser;
  let chat: EditorChatBackend;

  before(function () {
    agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
  });

  beforeEach(async () => {
    const file = (path: string) => use('Write', { file_path: `/workspace/${path}`, content: path });
    user = await TaskUser.begin({
      turns: [[file('made/a.txt'), file('made/b.txt')], say('Done.')],
      replies: [{ to: 'once more', turns: [say('Nothing more to do.')] }],
    });
    chat = new EditorChatBackend(user.offload);
  });

  afterEach(async () => {
    await user.end();
    await remove('made');
  });

  const waiting = (steps: string[] = []) => ({
    onStep: (step: string) => steps.push(step),
    signal: new AbortController().signal,
  });

  /** Has a task done in a session, and gives its run and events. */
  async function task(prompt: string, session: string | null = null, steps: string[] = []) {
    const runId = newRunId();
    const { defaults } = await chat.overview();
    await chat.start(
      { runId, session, prompt, chosen: { ...defaults, model: 'made-up-model' } },
      waiting(steps),
    );
    const events: RunEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of chat.follow(runId, 0, signal, () => undefined)) events.push(event);
    const changes = events.filter((event): event is ChangeEvent => event.type === 'change');
    await until('its end is dealt with', () => chat.decisions(runId, changes));
    return { runId, events, changes };
  }

  it('begins a session, follows its task, and knows what is decided about its changes', async () => {
    await write('sent.txt', 'x');
    const steps: string[] = [];
    const { runId, events, changes } = await task('Write two', null, steps);
    assert.equal(events.at(-1)?.type, 'completed');
    assert.ok(
      steps.some((step) => step.startsWith('sending files: ')),
      steps.join(),
    );
    assert.equal(user.api.bodies[0]?.model, 'made-up-model');
    assert.equal(vscode.window.terminals.filter(({ name }) => name === 'Write two').length, 0);
    assert.deepEqual(
      (await chat.decisions(runId, changes))?.map(({ path, decision }) => [path, decision]),
      [
        ['made/a.txt', 'open'],
        ['made/b.txt', 'open'],
      ],
    );
    await chat.accept(runId, 'made/a.txt');
    await chat.discard(runId, 'made/b.txt');
    assert.deepEqual(
      (await chat.decisions(runId, changes))?.map(({ decision }) => decision),
      ['accepted', 'open'],
      'discarding was asked about and not confirmed',
    );
    assert.equal(await read('made/a.txt'), 'made/a.txt');
    await assert.rejects(chat.remove(runId, 'Write two'), {
      code: 'bad-request',
      message: /wait for a decision/,
    });
    user.dialogs.answer('Discard', 'Discard');
    await chat.discard(runId, undefined);
    assert.deepEqual(
      (await chat.decisions(runId, changes))?.map(({ decision }) => decision),
      ['accepted', 'discarded'],
    );
    const { sessions } = await chat.overview();
    assert.deepEqual(
      sessions.map(({ id, title, active }) => ({ id, title, active })),
      [{ id: runId, title: 'Write two', active: false }],
    );
    await assert.rejects(chat.remove(runId, 'Write\n\u202etwo'), { name: 'AbortError' });
    const [question] = user.dialogs.withText('Delete the chat "Write \ufffdtwo"?');
    assert.equal(question?.modal, true);
    assert.equal((await chat.overview()).sessions.length, 1, 'it was not confirmed');
    user.dialogs.answer('Delete the chat', 'Delete');
    await chat.remove(runId, 'Write two');
    assert.deepEqual((await chat.overview()).sessions, []);
    await remove('sent.txt');
  });

  it('goes on with a session, and takes no message for a task that has ended', async () => {
    const first = await task('Write two');
    await assert.rejects(chat.message(first.runId, 'once more', 'now'), { code: 'run-ended' });
    const second = await task('once more', first.runId);
    const tasks = await chat.tasks(first.runId);
    assert.deepEqual(
      tasks.map(({ runId, prompt }) => [runId, prompt]),
      [
        [first.runId, 'Write two'],
        [second.runId, 'once more'],
      ],
    );
    assert.equal(tasks[0]?.chosen.model, 'made-up-model');
    assert.match(JSON.stringify(user.api.bodies.at(-1)), /Write two/, 'the conversation goes on');
    assert.equal((await chat.overview()).sessions.length, 1);
  });

  it('opens changes and files', async () => {
    const { runId } = await task('Write two');
    await chat.review(runId, undefined);
    await until('the review', () => tabs().some(({ label }) => label.startsWith('Changes by Write two')));
    await chat.openFile(runId, 'made/b.txt', 1);
    assert.equal(vscode.window.activeTextEditor?.document.getText(), 'made/b.txt');
    await assert.rejects(chat.accept(runId, 'nowhere.txt'), { code: 'bad-request' });
  });

  it('runs a piece of code', async () => {
    const place = { runId: newRunId(), block: 'b', fence: 0 };
    const runId = await chat.runCode({ language: 'py', code: 'print(6 * 7)', place });
    let output = '';
    const { signal } = new AbortController();
    for await (const event of chat.follow(runId, 0, signal, () => undefined)) {
      if (event.type === 'output') output += event.text ?? '';
    }
    assert.equal(output, '42\n');
    await assert.rejects(chat.runCode({ language: 'cobol', code: 'x', place }), { code: 'unknown-language' });
  });

  it('opens the whole of what code and tools have written', async () => {
    const place = { runId: newRunId(), block: 'b', fence: 0 };
    const code = 'for i in range(200_000): print(i)';
    const runId = await chat.runCode({ language: 'py', code, place });
    const { signal } = new AbortController();
    for await (const _ of chat.follow(runId, 0, signal, () => undefined));
    await chat.openWhole(runId, { program: '' });
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.equal(text, Array.from({ length: 200_000 }, (_, index) => `${String(index)}\n`).join(''));
    const { runId: ofTask, events } = await task('Write two');
    const tool = events.flatMap((event) =>
      event.type === 'agent' && event.item.kind === 'tool-call' ? [event.item.id] : [],
    )[1];
    await chat.openWhole(ofTask, { tool: tool ?? '' });
    const shown = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(shown, /file_path: \/workspace\/made\/b\.txt\ncontent: made\/b\.txt\n\n.+/);
  });

  it('takes up a chat’s task without a terminal, before the chat was ever opened, and shows it in the chat', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await user.end();
    user = await TaskUser.begin({ turns: [{ ...say('Done at last.'), hold: { event: 2, until: held } }] });
    chat = new EditorChatBackend(user.offload);
    const runId = newRunId();
    const { defaults } = await chat.overview();
    await chat.start({ runId, session: null, prompt: 'From the chat', chosen: defaults }, waiting());
    await until('the request', () => user.api.bodies[0]);
    const terminals = vscode.window.terminals.length;
    const { offload } = await restarted();
    await offload.takeUpEarlierRuns();
    await until('it is followed', () => offload.runs.get(runId));
    assert.equal(offload.chat, undefined, 'the chat was not opened');
    assert.equal(vscode.window.terminals.length, terminals);
    await vscode.commands.executeCommand('offload.showTask', runId);
    assert.ok(offload.chat);
    assert.equal(vscode.window.terminals.length, terminals);
    go();
    await until('its end', () => offload.runs.get(runId) === undefined);
    assert.equal(vscode.window.terminals.length, terminals);
  });

  it('follows a task that this window had lost to its end again once it is looked at', async () => {
    const { offload } = user;
    let followed = 0;
    const lost = new LostRun(new OffloadError('interrupted', 'It is out of reach.'), () => {
      followed++;
      return Promise.resolve();
    });
    const tasks = { value: { start: () => Promise.resolve({ ended: Promise.reject(lost) }) } };
    const losing = new EditorChatBackend(Object.create(offload, { tasks }) as typeof offload);
    const { runId, changes } = await task('Write two');
    const { defaults: chosen } = await chat.overview();
    await losing.start({ runId, session: null, prompt: 'Write two', chosen }, waiting());
    await setImmediate();
    await losing.follow(runId, 0, new AbortController().signal, () => undefined).next();
    await losing.decisions(runId, changes);
    assert.equal(followed, 1);
    await chat.discard(runId, undefined);
  });

  it('names an endpoint that cannot be reached, with what helps, and ends', async () => {
    const free = await closedPort();
    await setSetting('task.baseUrl', `http://127.0.0.1:${String(free)}`);
    const { events } = await task('Do it');
    const end = events.at(-1);
    assert.ok(end?.type === 'failed', JSON.stringify(end));
    assert.equal(end.error.code, 'model-unreachable');
    assert.match(end.error.message, /127\.0\.0\.1/);
    assert.ok(end.error.fix);
  });

  it('says what keeps tasks from being started, with what helps', async () => {
    assert.equal((await chat.overview()).obstacle, undefined);
    await setSetting('task.provider', 'anthropic');
    const { obstacle } = await chat.overview();
    assert.equal(obstacle?.code, 'no-access');
    assert.equal(chat.fixes(obstacle, undefined)[0]?.label, 'Set Model Key…');
    await setSetting('task.budgetUsd', 'much');
    const wrong = await chat.overview();
    assert.equal(wrong.obstacle?.code, 'bad-setting');
    assert.match(wrong.obstacle.message, /offload\.task\.budgetUsd/);
  });
});
