import assert from 'node:assert/strict';
import { TOOL_SERVER } from '../../support/agents/tool-server.ts';
import { rateLimited, serverError, unknownModel } from '../../support/messages-api/failure.ts';
import { toolResults } from '../../support/messages-api/request.ts';
import { after as failingFirst, say, thinking, turn, use } from '../../support/messages-api/turn.ts';
import { boxProcesses } from '../../support/target/processes.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import { sendTree } from '../../support/task/send-tree.ts';
import { MADE_UP_KEY, TaskTarget } from '../../support/task/task-target.ts';

const MODEL = 'claude-sonnet-4-5';
const write = (path: string, content: string) => use('write', { filePath: `/workspace/${path}`, content });
const run = (command: string) => use('bash', { command, description: 'a command' });

describe('a task of opencode', () => {
  // It takes seconds to be up, of processor time.
  let on: TaskTarget;
  let started: TaskTarget | undefined;

  before(async function () {
    started = await TaskTarget.start({
      id: 'opencode',
      program: agentProgram(this, 'OFFLOAD_TEST_OPENCODE'),
    });
    on = started;
  });
  after(() => started?.dispose());

  it('writes files that come back, streams what it says, and costs what the model says', async () => {
    const todos = [
      { content: 'write', status: 'in_progress', priority: 'high' },
      { content: 'rest', status: 'pending', priority: 'low' },
    ];
    const api = await on.model({
      turns: [
        turn([thinking('Let me think.'), write('hello.txt', 'hello\n'), use('todowrite', { todos })], {
          usage: { input: 1000, output: 50, cacheRead: 200, cacheWrite5m: 300 },
        }),
        say('I wrote it, all of it.', { usage: { input: 2000, output: 60 } }),
      ],
    });
    const task = on.start(api, {
      prompt: 'write hello',
      model: MODEL,
      instructions: 'Whistle while you work.',
    });
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
    assert(task.items.some((item) => item.kind === 'session' && item.agent.startsWith('OpenCode ')));
    assert(task.items.some((item) => item.kind === 'thinking' && item.delta.includes('think')));
    assert.partialDeepStrictEqual(
      task.items.filter((item) => item.kind === 'tool-call'),
      [{ name: 'write', title: 'Edit hello.txt', input: { content: 'hello\n' } }, { name: 'todowrite' }],
    );
    assert.deepEqual(
      task.items.find((item) => item.kind === 'todos'),
      {
        kind: 'todos',
        items: [
          { text: 'write', state: 'active' },
          { text: 'rest', state: 'pending' },
        ],
      },
    );
    assert(task.results.every(({ outcome }) => outcome === 'done'));
    assert.match(JSON.stringify(api.bodies[0]), /Whistle while you work\./);
    const tools = api.bodies[0]?.tools?.map(({ name }) => name) ?? [];
    assert(!tools.includes('webfetch'), 'the web is offered, which is closed');
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
        use('read', { filePath: '/workspace/a.txt' }),
        use('edit', { filePath: '/workspace/a.txt', oldString: 'two', newString: 'three' }),
        use('read', { filePath: '/workspace/nothing.txt' }),
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
    const results = task.results;
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['done', 'done', 'failed', 'done'],
    );
    assert.match(results.at(-1)?.text ?? '', /link -> a\.txt/);
    assert.match(results.at(-1)?.text ?? '', /-rwxr-xr-x .*run\.sh/);
  });

  it('works as a user without rights, who sees nothing of the host and no key', async () => {
    const api = await on.model({
      turns: [
        run(
          'id -u; env; cat /proc/*/environ | tr "\\0" "\\n"; ls -a ~ / /root /home 2>&1; cat ~/.ssh/id_rsa',
        ),
        run(
          'curl -sS -m 3 http://1.1.1.1/ 2>&1; curl -sS -m 3 http://127.0.0.1:1/ 2>&1; getent hosts example.com; true',
        ),
        run('curl -sS -m 5 http://127.0.0.1:4117/v1/models; true'),
        say('I tried.'),
      ],
    });
    const task = on.start(api, { prompt: 'look around' });
    completed(await task.ended);
    const results = task.results.map(({ text }) => text);
    assert.match(results[0] ?? '', /^1000\n/);
    assert(!JSON.stringify(task.events).includes(MADE_UP_KEY));
    assert.doesNotMatch(results[0] ?? '', new RegExp(process.env['HOSTNAME'] ?? 'no host name'));
    assert.doesNotMatch(results[1] ?? '', /<html|HTTP\/1/i);
    assert.match(results[2] ?? '', /Only messages of the model pass here/);
    assert.equal(
      api.requests.every(
        ({ headers, url }) => headers['x-api-key'] === MADE_UP_KEY && url.includes('messages'),
      ),
      true,
    );
    assert(!on.onDisk().includes(MADE_UP_KEY), 'the key is on the disk');
  });

  it('has the tool servers that the task gives it, and goes on without one that is not there', async () => {
    const snapshot = await sendTree(on.target.sandbox, { 'songs.mjs': TOOL_SERVER });
    const api = await on.model({ turns: [use('songs_sing', {}), say('It sang.')] });
    const songs = { command: 'node', args: ['/workspace/songs.mjs'], env: { SAYS: 'la la la' } };
    const gone = { command: '/nowhere/server', args: [], env: {} };
    const task = on.start(api, { prompt: 'sing', snapshot, toolServers: { songs, gone } });
    completed(await task.ended);
    assert.match(task.results[0]?.text ?? '', /la la la/);
    assert.deepEqual(
      toolResults(api.bodies[1] ?? assert.fail('it asked once')).map(({ text }) => text),
      ['la la la'],
    );
  });

  it('has a configuration of the workspace, but for what leads it out of its box or has it ask', async () => {
    const configuration = {
      // It would write this into the file.
      $schema: 'https://opencode.ai/config.json',
      model: 'anthropic/claude-opus-4-5',
      permission: { bash: 'ask', edit: 'ask' },
      provider: { anthropic: { options: { baseURL: 'http://127.0.0.1:9/v1' } } },
      enabled_providers: ['openai'],
    };
    const snapshot = await sendTree(on.target.sandbox, { 'opencode.json': JSON.stringify(configuration) });
    const api = await on.model({ turns: [write('a.txt', 'a'), run('cat a.txt'), say('Done.')] });
    const task = on.start(api, { prompt: 'work', snapshot });
    completed(await task.ended);
    assert.deepEqual(task.changedPaths, ['a.txt']);
    assert.equal(api.bodies[0]?.model, 'claude-opus-4-5');
  });

  it('asks again when the model is busy or broken', async () => {
    const api = await on.model({ turns: [failingFirst([serverError(), rateLimited(0)], say('At last.'))] });
    const task = on.start(api, { prompt: 'try' });
    completed(await task.ended);
    assert.equal(task.said, 'At last.');
    assert(task.items.some((item) => item.kind === 'retry'));
  });

  it('stops when its budget is reached, and keeps what it did', async () => {
    const api = await on.model({
      turns: [
        turn([write('a.txt', 'a\n')], { usage: { input: 1000, output: 1000 } }),
        turn([write('b.txt', 'b\n')], { usage: { input: 1000, output: 60_000 } }),
        write('c.txt', 'c\n'),
      ],
    });
    const task = on.start(api, { prompt: 'spend', model: MODEL, budget: { usd: 0.9 } });
    const end = await task.ended;
    failedWith(end, 'budget-reached');
    assert.deepEqual(task.changedPaths, ['a.txt', 'b.txt']);
    assert((end.usage.model?.usd ?? 0) > 0.9);
    assert.equal(api.bodies.length, 2);
  });

  it('stops at the beginning of the answer that is one too many', async () => {
    const api = await on.model({ turns: [write('a.txt', 'a'), write('b.txt', 'b'), say('I go on and on.')] });
    const task = on.start(api, { prompt: 'go on', budget: { turns: 2 } });
    failedWith(await task.ended, 'budget-reached');
    assert.deepEqual(task.changedPaths, ['a.txt', 'b.txt']);
    assert.equal(task.said, '');
    assert.equal(api.bodies.length, 3);
  });

  it('takes a message for its next turn', async () => {
    const api = await on.model({
      turns: [run('sleep 1; echo slept'), say('The first turn.')],
      replies: [{ to: 'afterwards', turns: [write('after.txt', 'x'), say('The second turn.')] }],
    });
    const task = on.start(api, { prompt: 'first' });
    await task.item((item) => item.kind === 'tool-call');
    const input = { type: 'message', id: 'm1', text: 'and afterwards this', when: 'next' } as const;
    await on.target.sandbox.input(task.runId, input);
    completed(await task.ended);
    assert.match(task.said, /The first turn\..*The second turn\./s);
    assert.deepEqual(task.changedPaths, ['after.txt']);
  });

  it('is steered by a message that comes now, at its next step', async () => {
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
    // The tool that worked then was not stopped for it.
    assert(task.results.every(({ outcome }) => outcome === 'done'));
  });

  it('is interrupted in the middle of a tool, and what it did is kept', async () => {
    const api = await on.model({ turns: [write('a.txt', 'a'), run('sleep 60'), say('Never.')] });
    const task = on.start(api, { prompt: 'sleep' });
    await task.item((item) => item.kind === 'tool-call' && item.name === 'bash');
    await on.target.sandbox.input(task.runId, { type: 'interrupt' });
    completed(await task.ended);
    assert.doesNotMatch(task.said, /Never/);
    assert.deepEqual(task.changedPaths, ['a.txt']);
    assert.equal(task.results.at(-1)?.outcome, 'interrupted');
  });

  it('is cancelled: no process is left, what it did is kept, and its conversation goes on', async () => {
    const api = await on.model({
      turns: [write('a.txt', 'a\n'), run('sleep 60')],
      replies: [{ to: 'go on', turns: [run('cat a.txt'), say('I went on.')] }],
    });
    const task = on.start(api, { prompt: 'sleep' });
    await task.item((item) => item.kind === 'tool-call' && item.name === 'bash');
    const end = await on.target.sandbox.cancel(task.runId);
    assert.equal(end.type, 'cancelled');
    assert.deepEqual(await boxProcesses(on.target.folder), []);
    assert.deepEqual(task.changedPaths, ['a.txt']);
    const reply = on.start(api, { prompt: 'go on', resume: task.runId, model: 'claude-opus-4-5' });
    completed(await reply.ended);
    assert.equal(reply.said, 'I went on.');
    assert.match(reply.results[0]?.text ?? '', /^a\b/);
    const last = api.bodies.at(-1);
    assert(JSON.stringify(last?.messages).includes('sleep 60'), 'it knows what was before');
    assert.equal(last?.model, 'claude-opus-4-5');
  });

  it('names what is wrong with the key, the model and the program', async () => {
    const wrongKey = await on.model({ key: 'another', turns: [say('Hello')] });
    failedWith(await on.start(wrongKey, { prompt: 'x' }).ended, 'no-access');
    const noModel = await on.model({ turns: [unknownModel('claude-nothing')] });
    const task = on.start(noModel, { prompt: 'x', model: 'claude-nothing' });
    failedWith(await task.ended, 'unknown-model');
    assert.equal(noModel.bodies[0]?.model, 'claude-nothing');
    const agent = { id: 'opencode', program: '/nowhere/opencode' };
    failedWith(await on.start(noModel, { prompt: 'x', agent }).ended, 'no-agent');
  });
});
