import assert from 'node:assert/strict';
import { containerTarget } from '../../support/container/container-target.ts';
import { say, turn } from '../../support/messages-api/turn.ts';
import { Internet } from '../../support/network/internet.ts';
import { run as runByClaude, write } from '../../support/task/claude-tools.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import { sendTree } from '../../support/task/send-tree.ts';
import { MADE_UP_KEY, TaskTarget } from '../../support/task/task-target.ts';
import { code } from '../../support/target/code.ts';
import { run, succeeded } from '../../support/target/run.ts';

const PUBLIC = '93.184.216.34';

describe('tasks in containers, by the agent of the image', () => {
  const internet = new Internet();
  let started: TaskTarget | undefined;
  let on: TaskTarget;

  before(async function () {
    await internet.serve(PUBLIC, [80, 443], (_request, response) => response.end('hello from outside\n'));
    internet.name('allowed.example', PUBLIC);
    internet.name('evil.example', PUBLIC);
    started = TaskTarget.on(await containerTarget(this, internet.prepare));
    on = started;
  });
  after(async () => {
    await started?.dispose();
    internet.dispose();
  });

  it('are among what the target offers, and programs of this machine are not', () => {
    const { capabilities } = on.target;
    assert.deepEqual(capabilities.agents, ['claude-code']);
    assert.deepEqual([capabilities.network, capabilities.networkAllow], [['closed', 'open'], true]);
    assert.equal(capabilities.hostInterpreters, false);
    assert.match(capabilities.isolation.detail, /read-only.*Python 3|Python 3.*read-only/);
  });

  it('write files that come back, by the model beyond the relay; check and execution have the image’s Python', async () => {
    const snapshot = await sendTree(on.target.sandbox, { 'given.txt': 'given\n' });
    const program = "import numpy\nprint('sum', numpy.arange(4).sum(), open('given.txt').read().strip())\n";
    const api = await on.model({
      turns: [turn([write('sum.py', program), runByClaude('cat given.txt; id -un; env')]), say('Done.')],
    });
    const task = on.start(api, { prompt: 'sum', snapshot, check: 'python3 sum.py', execute: true });
    completed(await task.ended);
    assert.deepEqual(api.unexpected, []);
    assert.deepEqual(task.changedPaths, ['sum.py']);
    assert.equal(await on.content(task, 'sum.py'), program);
    assert.equal(task.output('check'), 'sum 6 given\n');
    assert.equal(task.output('sum.py'), 'sum 6 given\n');
    const said = task.results.map(({ text }) => text).join('\n');
    assert.match(said, /given\nuser\n/);
    assert(!said.includes(MADE_UP_KEY));
  });

  it('go on with their conversation and their files', async () => {
    const first = on.start(await on.model({ turns: [turn([write('one.txt', 'one\n')]), say('One.')] }), {
      prompt: 'one',
    });
    completed(await first.ended);
    const api = await on.model({ turns: [turn([runByClaude('cat one.txt')]), say('Two.')] });
    const second = on.start(api, { prompt: 'two', resume: first.runId });
    completed(await second.ended);
    assert.equal(second.results.at(-1)?.text.trim(), 'one');
    const messages = JSON.stringify(api.requests.at(-1));
    assert(messages.includes('One.'), 'the conversation of before is in the request');
  });

  it('reach the hosts of a list through the gate, and no other, as programs do', async () => {
    const get = code`
      import urllib.request
      for host in 'allowed.example', 'evil.example':
          try:
              print(urllib.request.urlopen(f'http://{host}/').read().decode().strip())
          except OSError as error:
              print(error)
    `;
    const network = { allow: ['allowed.example'] };
    const { stdout, notices } = succeeded(await run(on.target, 'python', get, { network }));
    assert.match(stdout, /^hello from outside\nHTTP Error 403: /);
    assert.deepEqual(
      notices.map((notice) => notice.code),
      ['network-refused'],
    );
    const api = await on.model({ turns: [turn([write('get.py', get)]), say('Done.')] });
    const task = on.start(api, { prompt: 'get', network, check: 'python3 get.py' });
    completed(await task.ended);
    assert.match(task.output('check'), /^hello from outside\nHTTP Error 403: /);
  });

  it('end with all their processes when they are cancelled, and keep what they did', async () => {
    const api = await on.model({
      turns: [turn([write('made.txt', 'made\n')]), turn([runByClaude('sleep 600')]), say('Done.')],
    });
    const task = on.start(api, { prompt: 'sleep' });
    await task.item((item) => item.kind === 'tool-call' && JSON.stringify(item.input).includes('sleep 600'));
    assert.equal((await on.target.sandbox.cancel(task.runId)).type, 'cancelled');
    assert.equal(await on.content(task, 'made.txt'), 'made\n');
  });

  it('by other agents, or by a program of this machine, are refused', async () => {
    const api = await on.model({});
    for (const agent of [{ id: 'opencode' }, { id: 'claude-code', program: '/usr/bin/true' }]) {
      await assert.rejects(on.start(api, { prompt: 'x', agent }).ended, { code: 'not-supported' });
    }
  });

  it('fail in words when the model takes no key', async () => {
    const api = await on.model({ key: 'another' });
    failedWith(await on.start(api, { prompt: 'x' }).ended, 'no-access');
  });
});
