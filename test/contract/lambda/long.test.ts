import assert from 'node:assert/strict';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { MessagesBody } from '../../support/messages-api/request.ts';
import { messagesApi, type MessagesApi } from '../../support/messages-api/server.ts';
import { say, turn, use, type Turn } from '../../support/messages-api/turn.ts';
import { attached, endEnvironments, ends, numbered } from '../../support/target/deployed-run.ts';
import type { DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { run } from '../../support/task/claude-tools.ts';
import { deployedTasks, stored } from '../../support/task/deployed-tasks.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import { FollowedTask } from '../../support/task/followed-task.ts';
import { sendTree } from '../../support/task/send-tree.ts';
import { taskRequest } from '../../support/task/task-request.ts';
import { OTHER_KEY } from '../../support/task/task-target.ts';

/** Seconds of the runner's functions: enough to begin, to stop, and to bring home what was done; for many at once, and one. */
const [SECONDS, SECONDS_ALONE] = [45, 28];

const GO_ON = 'go on in a fresh one';

/** What the model is told, all of it. */
const told = (body: MessagesBody): string => JSON.stringify(body.messages);
const answersIn = (body: MessagesBody): number =>
  body.messages.filter(({ role }) => role === 'assistant').length;
const hasMoved = (body: MessagesBody): boolean => told(body).includes(GO_ON);

/** What the model answers to a task, by its prompt. */
const scripts: Record<string, (body: MessagesBody) => Turn> = {
  'PROMPT-FILES': (body) => {
    const first =
      'printf one > one.txt; mkdir deep; ln -s ../one.txt deep/link; rm given.txt; chmod 755 kept.sh; touch ~/at-home';
    if (!hasMoved(body)) return answersIn(body) === 0 ? turn([run(first)]) : turn([run('sleep 60')]);
    const look =
      'cat one.txt deep/link kept.sh; readlink deep/link; test -x kept.sh && ls . ~/at-home; printf two > two.txt';
    return told(body).includes('readlink') ? say('I went on.') : turn([run(look)]);
  },
  'PROMPT-STEERED': (body) => {
    if (!hasMoved(body)) return turn([run('sleep 60')]);
    return told(body).includes('wait for your turn') ? say('Both done.') : say('Going on.');
  },
  'PROMPT-BUDGET': (body) =>
    turn([run(hasMoved(body) ? 'true' : 'sleep 60')], { usage: { input: 100_000, output: 2000 } }),
  'PROMPT-SILENCE': (body) =>
    answersIn(body) === 0
      ? turn([run('printf made > made.txt')])
      : say('never', { hold: { event: 0, until: new Promise(() => undefined) } }),
  'PROMPT-ASKED': (body) => {
    if (hasMoved(body))
      return told(body).includes('My answer to what you asked') ? say('I heard.') : say('I wait.');
    const options = ['Yes', 'No'].map((label) => ({ label, description: label }));
    const question = { question: 'Shall I?', header: 'Leave', multiSelect: false, options };
    return turn([use('AskUserQuestion', { questions: [question] })]);
  },
  'PROMPT-EXECUTED': (body) => {
    // The second one is stopped with its function and run again in the next one.
    const made =
      'printf "echo ran >> ran.txt" > a.sh; printf "test -e begun || { touch begun; sleep 60; }" > b.sh';
    return answersIn(body) === 0 ? turn([run(made)]) : say('Made.');
  },
  'PROMPT-CANCELLED': () => turn([run('echo working; sleep 60')]),
  'PROMPT-LIMIT': () => turn([run('sleep 60')]),
};

const answer = (body: MessagesBody): Turn => {
  const prompt = Object.keys(scripts).find((each) => told(body).includes(each));
  return scripts[prompt ?? '']?.(body) ?? say('Done.');
};

const wish = (prompt: string, more: Partial<TaskRequest> = {}): TaskRequest =>
  taskRequest({
    prompt,
    model: 'claude-sonnet-4-5',
    limits: { wallSeconds: 3600, cpuSeconds: 3600 },
    network: 'open',
    ...more,
  });

/** It is one task: numbers without a gap, one end. */
function isOne(task: FollowedTask): void {
  numbered(task.events);
  assert.equal(ends(task.events).length, 1);
}

const moves = (task: FollowedTask): number =>
  task.events.filter((event) => event.type === 'notice' && event.code === 'moving').length;

describe('a task that is longer than its function', () => {
  const deployed = deployedTasks(answer, { runnerSeconds: SECONDS, leaseSeconds: 4 });
  let on: DeployedTestTarget;
  let own: MessagesApi | undefined;
  const tasks = new Map<string, FollowedTask>();
  const task = (name: string): FollowedTask => {
    const found = tasks.get(`PROMPT-${name}`);
    assert(found !== undefined);
    return found;
  };

  /** All at the same time: each has the time of a whole function to wait for. */
  before(async () => {
    ({ on } = deployed());
    own = await messagesApi({ key: OTHER_KEY, turns: answer });
    const files = { 'given.txt': 'given\n', 'kept.sh': 'kept\n', 'same.txt': 'same\n' };
    const snapshot = await sendTree(on.sandbox, files);
    const access: ModelAccess = { provider: 'messages', key: OTHER_KEY, baseUrl: own.url };
    const start = (prompt: string, more?: Partial<TaskRequest>): void => {
      tasks.set(prompt, new FollowedTask(on.sandbox, wish(prompt, more)));
    };
    start('PROMPT-FILES', { snapshot, check: 'test -f one.txt && test -f two.txt' });
    start('PROMPT-STEERED', { access });
    start('PROMPT-BUDGET', { budget: { tokens: 150_000 } });
    start('PROMPT-ASKED');
    start('PROMPT-SILENCE');
    start('PROMPT-EXECUTED', { execute: true });
    start('PROMPT-CANCELLED');
    start('PROMPT-LIMIT', { limits: { wallSeconds: 40 } });
    await task('STEERED').item((item) => item.kind === 'tool-call');
    const message = { type: 'message', id: 'm1', text: 'wait for your turn', when: 'next' } as const;
    await on.client().input(task('STEERED').runId, message);
    await Promise.all([sendWhileItMoves(), answerWhileItMoves()]);
  });

  async function sendWhileItMoves(): Promise<void> {
    await eventually(() => moves(task('STEERED')) === 1);
    const message = { type: 'message', id: 'm2', text: 'and mind the gap', when: 'now' } as const;
    await on.client().input(task('STEERED').runId, message);
  }

  async function answerWhileItMoves(): Promise<void> {
    const question = await task('ASKED').item((item) => item.kind === 'question');
    await eventually(() => moves(task('ASKED')) === 1);
    await on.client().input(task('ASKED').runId, { type: 'answer', id: question.id, chosen: ['Yes'] });
  }
  after(() => own?.close());
  afterEach(function () {
    if (this.currentTest?.state !== 'failed') return;
    console.error(on.endpoint.logs(on.runner), on.endpoint.logs(on.control));
  });

  it('is told the answer to a question that was asked before it went on', async () => {
    const asked = task('ASKED');
    completed(await asked.ended);
    isOne(asked);
    assert.match(asked.said, /I heard\./);
  });

  it('takes what it is sent before, while and after it goes on, with the key that its request brought', async () => {
    const steered = task('STEERED');
    const end = await steered.ended;
    completed(end);
    isOne(steered);
    const messages = steered.items.flatMap((item) => (item.kind === 'message' ? [item.text] : []));
    assert.deepEqual(messages, ['PROMPT-STEERED', 'wait for your turn', 'and mind the gap']);
    assert(own !== undefined);
    const last = told(own.bodies.at(-1) ?? ({ messages: [] } as never));
    assert.match(last, /and mind the gap/);
    assert.match(last, /wait for your turn/);
    assert(own.requests.every(({ headers }) => headers['x-api-key'] === OTHER_KEY));
    assert(!stored(on).includes(OTHER_KEY), 'the key is written somewhere');
    const asked = own.bodies.filter((body) => told(body).includes('PROMPT-STEERED'));
    assert.equal(end.usage.model?.requests, asked.length);
  });

  it('has its files, its home and its conversation again, and brings home what changed in both', async () => {
    const files = task('FILES');
    const end = await files.ended;
    completed(end);
    isOne(files);
    assert(moves(files) >= 1);
    assert.equal(end.type === 'completed' && end.verified, true);
    assert.deepEqual(files.changes.map(({ path, operation }) => `${operation} ${path}`).sort(), [
      'create one.txt',
      'create two.txt',
      'delete given.txt',
      'modify kept.sh',
    ]);
    const seen = files.results.at(-1)?.text ?? '';
    assert.match(seen, /^oneonekept\n\.\.\/one\.txt\n.*at-home\n\n\.:\ndeep\nkept\.sh\none\.txt\nsame\.txt/);
    assert.equal(files.said, 'I went on.');
    assert.equal(files.items.filter((item) => item.kind === 'message').length, 1);
    const left = new RegExp(`^runs/${files.runId}/(checkpoint|moves)/`);
    await eventually(() => ![...on.s3.objects.keys()].some((key) => left.test(key)));
  });

  it('has each program that it made run once', async () => {
    const executed = task('EXECUTED');
    completed(await executed.ended);
    isOne(executed);
    assert.equal(moves(executed), 1);
    const ends = executed.events.flatMap((event) => (event.type === 'execution' ? [event] : []));
    assert.deepEqual(
      ends.map(({ path, exitCode }) => [path, exitCode]),
      [
        ['a.sh', 0],
        ['b.sh', 0],
      ],
    );
    const ran = executed.changes.find(({ path }) => path === 'ran.txt');
    assert.equal(ran?.size, 'ran\n'.length);
  });

  it('has one budget', async () => {
    const budget = task('BUDGET');
    failedWith(await budget.ended, 'budget-reached');
    isOne(budget);
    assert.equal(moves(budget), 1);
  });

  it('has one limit of time', async () => {
    const limit = task('LIMIT');
    const { message } = failedWith(await limit.ended, 'timeout');
    assert.match(message, /40 s/);
    isOne(limit);
    assert.equal(moves(limit), 1);
  });

  it('ends where nothing comes of it any more, with what it made', async () => {
    const silence = task('SILENCE');
    const { message } = failedWith(await silence.ended, 'timeout');
    assert.match(message, /did not get on/);
    isOne(silence);
    assert.equal(moves(silence), 1);
    assert.deepEqual(silence.changedPaths, ['made.txt']);
  });

  it('is followed and cancelled by another client after it went on', async () => {
    const cancelled = task('CANCELLED');
    const again = (): boolean => cancelled.items.filter((item) => item.kind === 'session').length > 1;
    await eventually(again);
    assert.equal((await on.client().cancel(cancelled.runId)).type, 'cancelled');
    assert.equal((await cancelled.ended).type, 'cancelled');
    isOne(cancelled);
    const other = await attached(on, cancelled.runId);
    assert.deepEqual(other.events, cancelled.events);
  });
});

describe('a task whose next function', () => {
  let lost = 0;
  let loses = 0;
  const deployed = deployedTasks(answer, {
    runnerSeconds: SECONDS_ALONE,
    leaseSeconds: 2,
    onEvent: () => (lost++ < loses ? 'lost' : undefined),
  });
  let on: DeployedTestTarget;
  beforeEach(() => {
    ({ on } = deployed());
    lost = 0;
  });

  it('is never begun is begun again', async () => {
    loses = 1;
    const found = new FollowedTask(on.sandbox, wish('PROMPT-FILES'));
    completed(await found.ended);
    assert.equal(lost, 2);
    isOne(found);
  });

  it('dies has one end', async () => {
    loses = 0;
    const task = new FollowedTask(on.sandbox, wish('PROMPT-CANCELLED'));
    await eventually(() => task.items.filter((item) => item.kind === 'session').length > 1);
    endEnvironments(on, on.runner);
    failedWith(await task.ended, 'interrupted');
    isOne(task);
  });
});
