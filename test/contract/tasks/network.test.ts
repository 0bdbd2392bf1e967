import assert from 'node:assert/strict';
import type { Network } from '../../../src/protocol/network.ts';
import { say, turn, use } from '../../support/messages-api/turn.ts';
import { Internet } from '../../support/network/internet.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { run as runByClaude } from '../../support/task/claude-tools.ts';
import { completed } from '../../support/task/ends.ts';
import { TaskTarget } from '../../support/task/task-target.ts';
import { sendTree } from '../../support/task/send-tree.ts';

const PUBLIC = '93.184.216.34';
const runByOpencode = (command: string) => use('bash', { command, description: 'a command' });

for (const [id, variable, run] of [
  ['claude-code', 'OFFLOAD_TEST_CLAUDE', runByClaude],
  ['opencode', 'OFFLOAD_TEST_OPENCODE', runByOpencode],
] as const) {
  describe(`the network of a task of ${id}`, () => {
    const internet = new Internet();
    const asked: (string | undefined)[] = [];
    let started: TaskTarget | undefined;
    let on: TaskTarget;

    before(async function () {
      const program = agentProgram(this, variable);
      await internet.serve(PUBLIC, [80, 443], (request, response) => {
        asked.push(`${request.headers.host ?? ''}${request.url ?? ''}`);
        response.end('hello from outside\n');
      });
      internet.name('allowed.example', PUBLIC);
      internet.name('evil.example', PUBLIC);
      started = await TaskTarget.start({ id, program }, { prepare: internet.prepare });
      on = started;
    });
    beforeEach(() => {
      asked.length = 0;
    });
    after(async () => {
      await started?.dispose();
      internet.dispose();
    });

    const carriedOut = async (network: Network, command: string, check: string) => {
      const api = await on.model({ turns: [turn([run(command)]), say('Done.')] });
      const snapshot = await sendTree(on.target.sandbox, { 'a.txt': 'a\n' });
      const task = on.start(api, {
        ...{ prompt: 'look', model: 'claude-sonnet-4-5', network, check, snapshot },
      });
      completed(await task.ended);
      assert.deepEqual(api.unexpected, []);
      const said = task.results.map(({ text }) => text).join('\n');
      const notices = task.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
      return { task, said, notices };
    };

    it('leads the agent and its check to hosts of the list, and to no other; the model stays the relay’s', async () => {
      const get = 'curl -sS http://allowed.example/a; curl -sS http://evil.example/b';
      const { task, said, notices } = await carriedOut({ allow: ['allowed.example'] }, get, get);
      assert.match(said, /hello from outside/);
      assert.match(said, /Offload: evil\.example was refused; allow it by/);
      assert.match(task.output('check'), /^hello from outside\nOffload: evil\.example was refused/);
      assert.deepEqual(asked, ['allowed.example/a', 'allowed.example/a']);
      // An agent may have asked for addresses of its own besides.
      const ofEvil = notices.filter((notice) => notice.includes('evil.example'));
      assert.deepEqual(ofEvil, [
        'Network: evil.example was refused; allow it by --network evil.example, or in the setting "offload.task.network".',
      ]);
    });

    it('is closed where nothing is asked for', async () => {
      const { task, notices } = await carriedOut(
        'closed',
        'env | grep -ic proxy=http',
        'curl -sS http://allowed.example/',
      );
      assert.match(task.output('check', 'stderr'), /not resolve host/);
      assert.deepEqual([asked, notices], [[], []]);
    });
  });
}
