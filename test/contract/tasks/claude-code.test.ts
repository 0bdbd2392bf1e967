import assert from 'node:assert/strict';
import type { Question } from '../../../src/protocol/agent-item.ts';
import { TOOL_SERVER } from '../../support/agents/tool-server.ts';
import { toolResults } from '../../support/messages-api/request.ts';
import { say, thinking, turn, use } from '../../support/messages-api/turn.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { run, write } from '../../support/task/claude-tools.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import { isResult, type FollowedTask } from '../../support/task/followed-task.ts';
import { sendTree } from '../../support/task/send-tree.ts';
import { MADE_UP_KEY, TaskTarget } from '../../support/task/task-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { boxProcesses } from '../../support/target/processes.ts';

const phasesOf = ({ events }: FollowedTask) =>
  events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));

describe('a task of Claude Code', () => {
  let on: TaskTarget;
  let started: TaskTarget | undefined;

  before(async function () {
    started = await TaskTarget.start(agentProgram(this, 'OFFLOAD_TEST_CLAUDE'));
    on = started;
  });
  after(() => started?.dispose());

  it('writes files that come back, streams what it says, and costs what the model says', async () => {
    const api = await on.model({
      turns: [
        turn([thinking('Let me think.'), write('hello.txt', 'hello\n')], {
          usage: { input: 1000, output: 50, cacheRead: 200, cacheWrite5m: 300 },
        }),
        say('I wrote it, all of it.', { usage: { input: 2000, output: 60 } }),
      ],
    });
    const task = on.start(api, { prompt: 'write hello', model: 'claude-sonnet-4-5' });
    const end = await task.ended;
    completed(end);
    assert.deepEqual(api.unexpected, []);
    assert.deepEqual(
      task.changes.map(({ path, operation }) => [path, operation]),
      [['hello.txt', 'create']],
    );
    assert.equal(await on.content(task, 'hello.txt'), 'hello\n');
    assert.equal(task.said, 'I wrote it, all of it.');
    const { model } = end.usage;
    assert.partialDeepStrictEqual(model, {
      turns: 2,
      requests: 2,
      inputTokens: 3000,
      outputTokens: 110,
      cacheReadTokens: 200,
      cacheWriteTokens: 300,
    });
    const dollars = (3000 * 3 + 110 * 15 + 200 * 0.3 + 300 * 3.75) / 1e6;
    assert(Math.abs((model?.usd ?? 0) - dollars) < 1e-9, `${String(model?.usd)} is not ${String(dollars)}`);
    assert(task.items.some((item) => item.kind === 'thinking' && item.delta.includes('think')));
    assert(task.items.some((item) => item.kind === 'tool-call' && item.name === 'Write'));
    assert(task.results.some(({ outcome }) => outcome === 'done'));
    assert.deepEqual(await boxProcesses(on.target.folder), []);
  });

  it('edits, removes and renames files of the workspace, and leaves the rest out of its changes', async () => {
    const snapshot = await sendTree(
      on.target.sandbox,
      { 'a.txt': 'one\ntwo\n', 'b.txt': 'b\n', 'c/d.txt': 'd\n', link: '->a.txt', 'run.sh': 'echo\n' },
      ['run.sh'],
    );
    const api = await on.model({
      turns: [
        use('Read', { file_path: '/workspace/a.txt' }),
        use('Edit', { file_path: '/workspace/a.txt', old_string: 'two', new_string: 'three' }),
        run('rm b.txt; mv c/d.txt e.txt; ls -l link run.sh'),
        say('Done.'),
      ],
    });
    const task = on.start(api, { prompt: 'edit', snapshot });
    completed(await task.ended);
    assert.deepEqual(api.unexpected, []);
    assert.deepEqual(
      new Map(task.changes.map(({ path, operation }) => [path, operation])),
      new Map([
        ['a.txt', 'modify'],
        ['e.txt', 'create'],
        ['b.txt', 'delete'],
        ['c/d.txt', 'delete'],
      ]),
    );
    assert.equal(await on.content(task, 'a.txt'), 'one\nthree\n');
    const listed = task.results.at(-1)?.text ?? '';
    assert.match(listed, /link -> a\.txt/);
    assert.match(listed, /-rwxr-xr-x .*run\.sh/);
  });

  it('works as a user without rights, who sees nothing of the host and no key', async () => {
    const api = await on.model({
      turns: [
        run(
          'id -u; env; cat /proc/*/environ | tr "\\0" "\\n"; ls -a ~ / /root /home 2>&1; cat ~/.ssh/id_rsa; true',
        ),
        run(
          'curl -sS -m 3 http://1.1.1.1/ 2>&1; curl -sS -m 3 http://127.0.0.1:1/ 2>&1; getent hosts example.com; true',
        ),
        say('I tried.'),
      ],
    });
    const task = on.start(api, { prompt: 'look around' });
    completed(await task.ended);
    const results = task.results.map(({ text }) => text);
    assert.match(results[0] ?? '', /^1000\n/);
    assert(!JSON.stringify(task.events).includes(MADE_UP_KEY));
    assert.doesNotMatch(results[0] ?? '', new RegExp(process.env['HOSTNAME'] ?? 'no host name'));
    assert.doesNotMatch(results.join('\n'), /<html|HTTP\/1/i);
    assert.equal(
      api.requests.every(({ headers }) => headers['x-api-key'] === MADE_UP_KEY),
      true,
    );
    assert(!on.onDisk().includes(MADE_UP_KEY), 'the key is on the disk');
  });

  it('is verified by its check, whatever the agent says', async () => {
    const check = 'echo checking; grep -q good result.txt';
    const good = await on.model({ turns: [write('result.txt', 'good\n'), say('It is bad.')] });
    const task = on.start(good, { prompt: 'do it', check });
    const end = await task.ended;
    assert.partialDeepStrictEqual(end, { type: 'completed', verified: true });
    assert.equal(task.output('check'), 'checking\n');
    const bad = await on.model({ turns: [write('result.txt', 'wrong\n'), say('All is well.')] });
    const other = on.start(bad, { prompt: 'do it', check });
    assert.partialDeepStrictEqual(await other.ended, { type: 'completed', verified: false });
    assert.partialDeepStrictEqual(
      other.events.find((event) => event.type === 'check'),
      { passed: false, exitCode: 1, command: check },
    );
  });

  it('runs what it made, and tells output and exit code of each', async () => {
    const api = await on.model({
      turns: [
        turn([
          write('a.py', 'print("from a"); open("out.txt", "w").write("x")'),
          write('b.sh', 'echo from b >&2; exit 3'),
        ]),
        say('There they are.'),
      ],
    });
    const task = on.start(api, { prompt: 'make programs', execute: true });
    completed(await task.ended);
    const executions = task.events.filter((event) => event.type === 'execution');
    assert.deepEqual(
      executions.map(({ path, exitCode }) => [path, exitCode]),
      [
        ['a.py', 0],
        ['b.sh', 3],
      ],
    );
    assert.equal(task.output('a.py'), 'from a\n');
    assert.equal(task.output('b.sh', 'stderr'), 'from b\n');
    assert(task.changes.some(({ path }) => path === 'out.txt'));
  });

  it('stops when its budget is reached, and keeps what it did', async () => {
    const api = await on.model({
      turns: [
        turn([write('a.txt', 'a\n')], { usage: { input: 1000, output: 1000 } }),
        turn([write('b.txt', 'b\n')], { usage: { input: 1000, output: 60_000 } }),
        write('c.txt', 'c\n'),
      ],
    });
    const task = on.start(api, { prompt: 'spend', model: 'claude-sonnet-4-5', budget: { usd: 0.6 } });
    const end = await task.ended;
    failedWith(end, 'budget-reached');
    assert.deepEqual(task.changedPaths, ['a.txt', 'b.txt']);
    assert((end.usage.model?.usd ?? 0) > 0.6);
    assert.equal(api.bodies.length, 2);
  });

  it('stops after as many turns as it may have', async () => {
    const api = await on.model({ turns: [write('a.txt', 'a'), write('b.txt', 'b'), write('c.txt', 'c')] });
    const task = on.start(api, { prompt: 'go on', budget: { turns: 2 } });
    failedWith(await task.ended, 'budget-reached');
    assert(task.changes.length <= 2);
  });

  it('takes a message while it works, and one for its next turn', async () => {
    const api = await on.model({
      turns: [run('sleep 1; echo slept'), say('The first turn.')],
      replies: [{ to: 'afterwards', turns: [write('after.txt', 'x'), say('The second turn.')] }],
    });
    const task = on.start(api, { prompt: 'first' });
    await task.item((item) => item.kind === 'tool-call');
    const input = { type: 'message', id: 'm1', text: 'and afterwards this', when: 'next' } as const;
    await on.target.sandbox.input(task.runId, input);
    await on.target.sandbox.input(task.runId, input);
    completed(await task.ended);
    assert.match(task.said, /The first turn\..*The second turn\./s);
    assert.deepEqual(task.changedPaths, ['after.txt']);
    const messages = task.items.filter((item) => item.kind === 'message');
    assert.deepEqual(
      messages.map(({ id }) => id),
      ['prompt', 'm1'],
    );
    await assert.rejects(on.target.sandbox.input(task.runId, { ...input, id: 'm2' }), { code: 'run-ended' });
  });

  it('is steered by a message that comes now', async () => {
    const api = await on.model({
      turns: (body) =>
        JSON.stringify(body.messages).includes('turn around')
          ? say('I turn around.')
          : turn([run('sleep 1; echo slept')]),
    });
    const task = on.start(api, { prompt: 'walk' });
    await task.item((item) => item.kind === 'tool-call');
    await on.target.sandbox.input(task.runId, {
      type: 'message',
      id: 'm1',
      text: 'turn around',
      when: 'now',
    });
    completed(await task.ended);
    assert.match(task.said, /I turn around\./);
  });

  it('is interrupted in the middle of a tool, and what it did is kept', async () => {
    const api = await on.model({ turns: [turn([write('a.txt', 'a'), run('sleep 60')]), say('Never.')] });
    const task = on.start(api, { prompt: 'sleep', check: 'true', execute: true });
    await task.item((item) => item.kind === 'tool-call' && item.name === 'Bash');
    await task.item(isResult);
    await on.target.sandbox.input(task.runId, { type: 'interrupt' });
    completed(await task.ended);
    assert.doesNotMatch(task.said, /Never/);
    assert.deepEqual(task.changedPaths, ['a.txt']);
    assert.deepEqual(
      phasesOf(task),
      ['queued', 'starting', 'running', 'collecting'],
      'half of it is not checked',
    );
  });

  it('is cancelled while it is checked, which then has no result', async () => {
    const api = await on.model({ turns: [write('a.py', 'print(1)\n'), say('Done.')] });
    const task = on.start(api, { prompt: 'make it', check: 'echo checking; sleep 60', execute: true });
    await eventually(() => task.output('check') === 'checking\n');
    await on.target.sandbox.cancel(task.runId);
    assert.equal((await task.ended).type, 'cancelled');
    assert(task.events.every(({ type }) => type !== 'check' && type !== 'execution'));
    assert.deepEqual(phasesOf(task), ['queued', 'starting', 'running', 'checking', 'collecting']);
    assert.deepEqual(task.changedPaths, ['a.py']);
  });

  it('is cancelled: no process is left, what it did is kept, and its conversation goes on', async () => {
    const api = await on.model({
      turns: [turn([write('a.txt', 'a\n'), run('sleep 60')])],
      replies: [{ to: 'go on', turns: [run('cat a.txt'), say('I went on.')] }],
    });
    const task = on.start(api, { prompt: 'sleep', check: 'true' });
    await task.item(isResult);
    const end = await on.target.sandbox.cancel(task.runId);
    assert.equal(end.type, 'cancelled');
    assert.deepEqual(phasesOf(task), ['queued', 'starting', 'running', 'collecting']);
    assert.deepEqual(await boxProcesses(on.target.folder), []);
    assert.deepEqual(await task.ended, end);
    assert.deepEqual(task.changedPaths, ['a.txt']);
    const reply = on.start(api, { prompt: 'go on', resume: task.runId });
    completed(await reply.ended);
    assert.equal(reply.said, 'I went on.');
    assert.match(reply.results[0]?.text ?? '', /^a\b/);
    assert(JSON.stringify(api.bodies.at(-1)?.messages).includes('sleep 60'), 'it knows what was before');
  });

  it('asks a question, and goes on with the answer', async () => {
    const question = {
      question: 'Which colour?',
      header: 'Colour',
      multiSelect: false,
      options: [
        { label: 'Red', description: 'like fire' },
        { label: 'Blue', description: 'like water' },
      ],
    };
    const api = await on.model({
      turns: [use('AskUserQuestion', { questions: [question] }), say('Thank you.')],
    });
    const task = on.start(api, { prompt: 'ask me' });
    const asked = await task.item((item): item is Question => item.kind === 'question');
    assert.partialDeepStrictEqual(asked, {
      text: 'Which colour?',
      options: [{ label: 'Red' }, { label: 'Blue' }],
    });
    await on.target.sandbox.input(task.runId, { type: 'answer', id: asked.id, chosen: ['Blue'] });
    completed(await task.ended);
    assert.match(JSON.stringify(api.bodies.at(-1)?.messages.at(-1)), /Blue/);
  });

  it('has the tool servers that the task gives it, and is told of one that is not there', async () => {
    const snapshot = await sendTree(on.target.sandbox, { 'songs.mjs': TOOL_SERVER });
    const api = await on.model({ turns: [use('mcp__songs__sing', {}), say('It sang.')] });
    const toolServers = {
      songs: { command: 'node', args: ['/workspace/songs.mjs'], env: { SAYS: 'la la la' } },
      gone: { command: '/nowhere/server', args: [], env: {} },
    };
    const task = on.start(api, { prompt: 'sing', snapshot, toolServers });
    completed(await task.ended);
    assert.deepEqual(
      task.results.map(({ outcome, text }) => [outcome, text]),
      [['done', 'la la la']],
    );
    assert.deepEqual(
      toolResults(api.bodies[1] ?? assert.fail('it asked once')).map(({ text }) => text),
      ['la la la'],
    );
    const notices = task.events.filter((event) => event.type === 'notice');
    assert.match(
      notices.map(({ message }) => message).join('\n'),
      /^The tool server "gone" did not start.*$/,
    );
  });

  it('names what is wrong with the key, the model and the program', async () => {
    const wrongKey = await on.model({ key: 'another', turns: [say('Hello')] });
    failedWith(await on.start(wrongKey, { prompt: 'x' }).ended, 'no-access');
    const api = await on.model({ turns: [say('Hello')] });
    failedWith(await on.start(api, { prompt: 'x', access: undefined }).ended, 'no-access');
    const agent = { id: 'claude-code', program: '/nowhere/claude' };
    failedWith(await on.start(api, { prompt: 'x', agent }).ended, 'no-agent');
    failedWith(await on.start(api, { prompt: 'x', snapshot: '0'.repeat(64) }).ended, 'unknown-snapshot');
  });

  it('refuses a prompt of 5 MB', async () => {
    const api = await on.model({ turns: [say('Hello')] });
    await assert.rejects(on.start(api, { prompt: 'x'.repeat(5 * 1024 ** 2) }).ended, { code: 'bad-request' });
  });
});
