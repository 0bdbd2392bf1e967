import assert from 'node:assert/strict';
import { say, turn, use } from '../../support/messages-api/turn.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { TaskTarget } from '../../support/task/task-target.ts';

describe('a task of opencode', function () {
  this.timeout(120_000);
  let on: TaskTarget;

  before(async function () {
    on = await TaskTarget.start({ id: 'opencode', program: agentProgram(this, 'OFFLOAD_TEST_OPENCODE') });
  });
  after(async () => {
    await on?.dispose();
  });

  it('x', async () => {
    const api = await on.model({
      turns: [
        turn([use('write', { filePath: '/workspace/hello.txt', content: 'hello\n' }), use('todowrite', { todos: [{ content: 'a', status: 'completed', priority: 'high' }] })]),
        use('bash', { command: 'cat ~/.local/share/opencode/log/* | cut -c1-260; ls -laR ~/.config ~/.cache | head -50; ps -eo pid,time,args | cut -c1-150', description: 'x' }),
        say('I wrote it.'),
      ],
    });
    const t = performance.now();
    const task = on.start(api, { prompt: 'write hello', model: 'claude-sonnet-4-5', instructions: 'Be brief, INSTRUCTED.' });
    const end = await task.ended;
    for (const e of task.events) console.log(JSON.stringify(e).slice(0, 16000));
    console.log(performance.now() - t, JSON.stringify(api.bodies[0]).includes('INSTRUCTED'), api.bodies[0]?.tools?.map((x) => x.name), api.unexpected);
    assert.equal(end.type, 'completed');
  });
});
