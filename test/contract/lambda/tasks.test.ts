import assert from 'node:assert/strict';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { inContainers } from '../../support/lambda/environments.ts';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { BufferedAnswer } from '../../../backend/src/tasks/buffered-task.ts';
import { invoke, lambdaClient } from '../../support/lambda/client.ts';
import { messagesApi, type MessagesApi } from '../../support/messages-api/server.ts';
import { say, turn, type Turn } from '../../support/messages-api/turn.ts';
import { deployedTarget, SIGNING, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { targetOf } from '../../support/target/target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { run } from '../../support/task/claude-tools.ts';
import { deployedTasks, written } from '../../support/task/deployed-tasks.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import { FollowedTask, isResult } from '../../support/task/followed-task.ts';
import { sendTree } from '../../support/task/send-tree.ts';
import { taskRequest, type TaskWish } from '../../support/task/task-request.ts';
import { MADE_UP_KEY, OTHER_KEY } from '../../support/task/task-target.ts';

/** A promise that a test resolves. */
function gate(): { open: () => void; passed: Promise<void> } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), passed };
}

/** A client of the SDK's for the suite that asks for it. */
function lambdaClientFor(target: () => DeployedTestTarget): () => LambdaClient {
  let client: LambdaClient | undefined;
  after(() => client?.destroy());
  return () => (client ??= lambdaClient(target().endpoint));
}

describe('a task on AWS Lambda', () => {
  let turns: Turn[] = [];
  const tasks = deployedTasks((body) => turns[answersIn(body)] ?? say('Done.'), { runnerSeconds: 80 });
  let on: DeployedTestTarget;
  let api: MessagesApi;
  before(() => {
    ({ on, api } = tasks());
  });

  /** How often the agent has come back with what its tools gave. */
  const answersIn = (body: { messages: readonly { role: string }[] }): number =>
    body.messages.filter(({ role }) => role === 'assistant').length;

  const start = (wish: TaskWish): FollowedTask =>
    new FollowedTask(on.sandbox, taskRequest({ network: 'open', ...wish }));

  it('reaches the model through control, with the key that was deployed, and brings its files back', async () => {
    turns = [turn([run('printf made > made.txt; cat given.txt')]), say('I made it.')];
    const snapshot = await sendTree(on.sandbox, { 'given.txt': 'given to it\n', 'kept.txt': 'kept\n' });
    const before = api.requests.length;
    const task = start({ prompt: 'make a file', snapshot, model: 'claude-sonnet-4-5' });
    const end = await task.ended;
    completed(end);
    assert.deepEqual(task.changedPaths, ['made.txt']);
    const made = task.changes[0]?.hash ?? '';
    assert.equal((await on.sandbox.readBlob(task.runId, made)).toString(), 'made');
    assert.match(task.results[0]?.text ?? '', /given to it/);
    assert.equal(task.said, 'I made it.');
    const requests = api.requests.slice(before);
    assert(requests.length >= 2 && requests.every(({ headers }) => headers['x-api-key'] === MADE_UP_KEY));
    assert.equal(
      requests.some(({ headers }) => 'x-offload-token' in headers),
      false,
    );
    assert((end.usage.model?.usd ?? 0) > 0);
    const ledger = on.s3.objects.get(`runs/${task.runId}/ledger`)?.bytes.toString() ?? '';
    const { entries, underWay } = JSON.parse(ledger) as {
      entries: { sums: { output: number } };
      underWay: object;
    };
    assert.equal(entries.sums.output, end.usage.model?.outputTokens);
    assert.deepEqual(underWay, {});
    const all = written(on);
    assert(all.includes(task.runId), 'nothing was looked at');
    assert(!all.includes(MADE_UP_KEY) && !all.includes(SIGNING), 'a secret is written somewhere');
  });

  /**
   * What a program sees of the runner that it runs below: of that process and no other, for here, where there is no box,
   * it could read what belongs to others on this machine. In a container there are no others.
   */
  const lookAtRunner = (): string =>
    (inContainers() ? ['[0-9]*'] : on.endpoint.processes(on.runner))
      .map(
        (pid) =>
          `cat /proc/${String(pid)}/environ | tr "\\0" "\\n"; cat /proc/${String(pid)}/cmdline | tr "\\0" " "`,
      )
      .join('; ');

  it('uses the key that its request brings, which is written nowhere and which the runner cannot read', async () => {
    const own = await messagesApi({
      key: OTHER_KEY,
      turns: (body) => (answersIn(body) === 0 ? turn([run(lookAtRunner())]) : say('I looked.')),
    });
    const access: ModelAccess = { provider: 'messages', key: OTHER_KEY, baseUrl: own.url };
    const task = start({ prompt: 'look around', access });
    const end = await task.ended.finally(() => own.close());
    completed(end);
    assert(own.requests.length >= 2);
    const seen = JSON.stringify(task.events);
    assert.match(task.results[0]?.text ?? '', /AWS_LAMBDA_FUNCTION_NAME=offload-runner/);
    const token = /x-offload-token|X-Amz-Signature/i;
    assert(!seen.includes(OTHER_KEY) && !token.test(seen), 'the agent has seen a key or an address');
    assert(!written(on).includes(OTHER_KEY), 'the key is written somewhere');
  });

  describe('by a plain Invoke, without a client of ours', () => {
    const client = lambdaClientFor(() => on);
    const ask = async (event: object): Promise<BufferedAnswer> => {
      const { text, error } = await invoke(client(), on.control, event);
      assert.equal(error, undefined, text);
      return JSON.parse(text) as BufferedAnswer;
    };

    it('does it, runs what was made, and answers as a whole', async () => {
      turns = [turn([run("printf 'print(6 * 7)' > sum.py")]), say('I wrote it.')];
      assert.deepEqual(await ask({ task: 'write a program', execute: true }), {
        statusCode: 200,
        body: {
          claude_output: 'I wrote it.',
          claude_error: '',
          return_code: 0,
          execution_results: [{ file: 'sum.py', stdout: '42\n', stderr: '', return_code: 0 }],
        },
      });
      const [latest] = await on.sandbox.runs();
      assert.deepEqual([latest?.title, latest?.state], ['write a program', 'completed']);
      // Whoever asks like that has no workspace: it shares what is kept apart by workspaces with nobody.
      const { tenant } = JSON.parse(
        on.s3.objects.get(`runs/${latest?.runId ?? ''}/request.json`)?.bytes.toString() ?? '{}',
      ) as { tenant?: string };
      assert.equal(tenant, latest?.runId);
    });

    it('answers within 6 MB, with the end of what there is too much of', async () => {
      const program =
        'for i in $(seq 10000); do echo "line $i of many, of which the last ones stay"; done; echo the end';
      const made = Array.from({ length: 16 }, (_, index) => `printf '${program}' > much${String(index)}.sh`);
      turns = [turn([run(made.join('; '))]), say('I wrote them.')];
      const { statusCode, body } = await ask({ task: 'write programs', execute: true });
      assert.equal(statusCode, 200);
      assert.equal(body.execution_results.length, 16);
      for (const { stdout } of body.execution_results) {
        assert(stdout.length > 100_000);
        assert(stdout.endsWith('stay\nthe end\n'));
      }
    });

    it('holds it to its budget, and says what is wrong with it', async () => {
      turns = [turn([run('true')], { usage: { input: 100_000, output: 5000 } }), say('More.')];
      const over = await ask({ task: 'spend', budget: { tokens: 60_000 } });
      assert.deepEqual([over.statusCode === 200, over.body.return_code], [false, 1]);
      assert.match(over.body.claude_error, /budget/);
      const wrong = await ask({ task: '' });
      assert.deepEqual([wrong.statusCode, wrong.body.return_code], [400, 1]);
      const nobody = await ask({ task: 7, execute: 'x' });
      assert.equal(nobody.statusCode, 400);
    });
  });

  it('asks the model more than an address of Lambda takes at once, by way of the store', async () => {
    // What the agent runs here has no box around it, and reaches the relay as the agent does.
    const program = [
      'import http.client, json, os, socket',
      'class Relay(http.client.HTTPConnection):',
      '  def connect(self):',
      '    self.sock = socket.socket(socket.AF_UNIX)',
      '    self.sock.connect(os.environ["ANTHROPIC_UNIX_SOCKET"])',
      'def ask(size):',
      '  body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": chr(34) * size}]}',
      '  relay = Relay("localhost")',
      '  relay.request("POST", "/v1/messages", json.dumps(body), {"content-type": "application/json"})',
      '  return relay.getresponse().status',
      'print("asked", [ask(size) for size in (1000, 1400000, 10000000, 17000000)])',
    ].join('\n');
    const before = api.requests.length;
    turns = [turn([run(`python3 - <<'END'\n${program}\nEND`)]), say('I asked.')];
    const task = start({ prompt: 'ask much', model: 'claude-sonnet-4-5' });
    completed(await task.ended);
    assert.match(task.results[0]?.text ?? '', /asked \[200, 200, 200, 413\]/);
    const sizes = api.requests.slice(before).map(({ body }) => JSON.stringify(body).length);
    assert(sizes.some((size) => size > 20_000_000));
    const left = [...on.s3.objects.keys()].filter((key) => key.includes('/model/'));
    assert.deepEqual(left, []);
  });

  it('stops when its budget is reached', async () => {
    turns = [turn([run('true')], { usage: { input: 100_000, output: 5000 } }), say('More.')];
    const task = start({ prompt: 'spend', model: 'claude-sonnet-4-5', budget: { tokens: 60_000 } });
    failedWith(await task.ended, 'budget-reached');
    await eventually(async () => (await on.sandbox.runs())[0]?.state === 'failed');
  });

  it('takes a message while it works', async () => {
    const going = gate();
    turns = [
      turn([run('echo begun; sleep 2; echo waited')]),
      turn([run('true')], { hold: { event: 0, until: going.passed } }),
      say('I heard it.'),
    ];
    const task = start({ prompt: 'work' });
    await task.item((item) => item.kind === 'tool-call');
    await on.client().input(task.runId, { type: 'message', id: 'm1', text: 'and hurry', when: 'now' });
    await task.item((item) => item.kind === 'message' && item.id === 'm1');
    going.open();
    completed(await task.ended);
    await assert.rejects(
      on.sandbox.input(task.runId, { type: 'message', id: 'm2', text: 'too late', when: 'now' }),
      { code: 'run-ended' },
    );
  });

  it('is cancelled while the model answers, which then costs no more', async () => {
    const never = gate();
    turns = [turn([run('true')]), say('x'.repeat(500), { hold: { event: 3, until: never.passed } })];
    const task = start({ prompt: 'work' });
    await task.item(isResult);
    await eventually(() => api.requests.at(-1)?.state === 'open' && (api.requests.at(-1)?.events ?? 0) > 2);
    const cancelled = await on.sandbox.cancel(task.runId);
    assert.equal(cancelled.type, 'cancelled');
    assert.deepEqual(await task.ended, cancelled);
    await eventually(() => api.requests.at(-1)?.state === 'left');
    never.open();
  });

  it('is refused what it cannot have here', async () => {
    const refused = async (wish: Partial<TaskRequest>): Promise<string> => {
      const error: unknown = await start({ prompt: 'x', ...wish }).ended.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return (error as { code?: string }).code ?? String(error);
    };
    assert.equal(await refused({ resume: newRunId() }), 'not-supported');
    assert.equal(await refused({ agent: { id: 'nobody' } }), 'not-supported');
    // The image has no program of it.
    assert.equal(await refused({ agent: { id: 'opencode' } }), 'not-supported');
    assert.equal(await refused({ network: 'closed' }), 'not-supported');
    assert.equal(await refused({ access: { provider: 'bedrock', region: 'eu-west-1' } }), 'not-supported');
  });
});

describe('a task by a plain Invoke on AWS Lambda, whose runner cannot be started', () => {
  const target = targetOf((context) =>
    deployedTarget(context, {
      secret: { ANTHROPIC_API_KEY: MADE_UP_KEY },
      controlEnv: { OFFLOAD_RUNNER: 'gone' },
    }),
  );
  const client = lambdaClientFor(target);

  it('is answered with the reason, and has its end', async () => {
    const { text, error } = await invoke(client(), target().control, { task: 'anything' });
    assert.equal(error, undefined, text);
    const { statusCode, body } = JSON.parse(text) as BufferedAnswer;
    assert.deepEqual([statusCode >= 500, body.return_code], [true, 1]);
    assert.match(body.claude_error, /runner cannot be started/);
    assert.deepEqual(
      (await target().sandbox.runs()).map(({ state }) => state),
      ['cancelled'],
    );
  });
});
