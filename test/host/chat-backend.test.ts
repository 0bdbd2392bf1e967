import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { newRunId } from '../../src/core/program/program.ts';
import { EditorChatBackend } from '../../src/editor/task/chat-backend.ts';
import type { ChangeEvent, RunEvent } from '../../src/protocol/event.ts';
import { say, use } from '../support/messages-api/turn.ts';
import { agentProgram } from '../support/task/agents.ts';
import './support/backend.ts';
import { tabs } from './support/reviewer.ts';
import { setSetting, TaskUser } from './support/task-user.ts';
import { read, remove, until, write } from './support/workspace.ts';

describe('what the editor does for the chat', function () {
  this.timeout(60_000);
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
    await assert.rejects(chat.remove(runId), { code: 'bad-request', message: /wait for a decision/ });
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
    await chat.remove(runId);
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
