import assert from 'node:assert/strict';
import { isTerminal } from '../../src/protocol/event.ts';
import { newRunId } from '../../src/core/program/program.ts';
import type { TaskRequest } from '../../src/protocol/task.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import type { MessagesBody } from '../support/messages-api/request.ts';
import { messagesApi, type MessagesApi } from '../support/messages-api/server.ts';
import { say, turn, type Turn } from '../support/messages-api/turn.ts';
import { deployedTarget, type DeployedTestTarget } from '../support/target/deployed-target.ts';
import { agentProgram } from '../support/task/agents.ts';
import { run } from '../support/task/claude-tools.ts';
import { completed } from '../support/task/ends.ts';
import { FollowedTask } from '../support/task/followed-task.ts';
import { sendTree } from '../support/task/send-tree.ts';
import { MADE_UP_KEY } from '../support/task/task-target.ts';

/** Seconds of the runner's functions: enough to begin, to stop, and to bring home what was done. */
const SECONDS = 14;

describe('a task that is longer than its function', function () {
  this.timeout(120_000);
  let on: DeployedTestTarget;
  let started: DeployedTestTarget | undefined;
  let api: MessagesApi;
  let answer: (body: MessagesBody) => Turn = () => say('Done.');

  before(async function () {
    const program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    api = await messagesApi({ key: MADE_UP_KEY, turns: (body) => answer(body) });
    started = await deployedTarget(this, {
      runnerSeconds: SECONDS,
      leaseSeconds: 4,
      secret: { ANTHROPIC_API_KEY: MADE_UP_KEY, ANTHROPIC_BASE_URL: api.url },
      runnerEnv: { OFFLOAD_AGENT_PROGRAM: program },
    });
    on = started;
  });
  after(async () => {
    await started?.dispose();
    await api.close();
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed')
      console.error(on.endpoint.logs(on.runner), on.endpoint.logs(on.control));
  });

  /** How often the agent was told to go on. */
  const moves = (body: MessagesBody): number =>
    JSON.stringify(body.messages).split('go on in a fresh one').length - 1;
  const answersIn = (body: MessagesBody): number =>
    body.messages.filter(({ role }) => role === 'assistant').length;

  const start = (wish: Partial<TaskRequest> & { prompt: string }): FollowedTask =>
    new FollowedTask(on.sandbox, {
      kind: 'task',
      version: PROTOCOL_VERSION,
      runId: newRunId(),
      title: 'a test',
      agent: { id: 'claude-code' },
      budget: {},
      limits: { wallSeconds: 3600, cpuSeconds: 3600 },
      network: 'open',
      execute: false,
      ...wish,
    });

  const counted = (task: FollowedTask): void => {
    assert.deepEqual(
      task.events.map(({ seq }) => seq),
      task.events.map((_, index) => index + 1),
    );
    assert.equal(task.events.filter(isTerminal).length, 1);
  };

  it('goes on in a fresh one: its files, its conversation, its numbers', async () => {
    answer = (body) => {
      if (moves(body) === 0) {
        const first =
          'printf one > one.txt; mkdir deep; ln -s ../one.txt deep/link; rm given.txt; chmod 755 kept.sh';
        return answersIn(body) === 0 ? turn([run(first)]) : turn([run('sleep 60')]);
      }
      const look =
        'cat one.txt deep/link kept.sh; readlink deep/link; test -x kept.sh && ls; printf two > two.txt';
      return JSON.stringify(body.messages).includes('readlink') ? say('I went on.') : turn([run(look)]);
    };
    const files = { 'given.txt': 'given\n', 'kept.sh': 'kept\n', 'same.txt': 'same\n' };
    const snapshot = await sendTree(on.sandbox, files);
    const task = start({ prompt: 'work for long', snapshot, check: 'test -f one.txt && test -f two.txt' });
    const end = await task.ended;
    completed(end);
    counted(task);
    assert.equal(end.type === 'completed' && end.verified, true);
    assert.deepEqual(task.changes.map(({ path, operation }) => `${operation} ${path}`).sort(), [
      'create one.txt',
      'create two.txt',
      'delete given.txt',
      'modify kept.sh',
    ]);
    const seen = task.results.at(-1)?.text ?? '';
    assert.match(seen, /^oneonekept\n\.\.\/one\.txt\ndeep\nkept\.sh\none\.txt\nsame\.txt/);
    assert.equal(task.said, 'I went on.');
    const prompts = task.items.filter((item) => item.kind === 'message');
    assert.equal(prompts.length, 1);
    const notices = task.events.flatMap((event) => (event.type === 'notice' ? [event.code] : []));
    assert.deepEqual(
      notices.filter((code) => code === 'moving'),
      ['moving'],
    );
    const keys = [...on.s3.objects.keys()].filter((key) => key.startsWith(`runs/${task.runId}/`));
    assert(!keys.some((key) => /checkpoint|moves/.test(key)), keys.join('\n'));
  });
});
