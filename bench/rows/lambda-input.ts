import { taskRequest } from '../../src/core/task/task.ts';
import { messagesApi } from '../../test/support/messages-api/server.ts';
import { run } from '../../test/support/task/claude-tools.ts';
import { FollowedTask } from '../../test/support/task/followed-task.ts';
import { repeated } from '../interleaved.ts';
import { LambdaSide } from '../lambda-side.ts';
import type { Row } from '../row.ts';
import { claudeProgram, KEY } from '../task-side.ts';

/** A message reaches a task on the deployed backend through the store, and its event comes back on the stream. */
export const lambdaInput: Row = {
  name: 'lambda-input',
  rounds: 15,
  async measure({ rounds }) {
    const OFFLOAD_AGENT_PROGRAM = claudeProgram();
    const model = await messagesApi({ key: KEY, turns: [run('echo begun; sleep 600')] });
    const side = await LambdaSide.start({ OFFLOAD_AGENT_PROGRAM });
    try {
      const request = taskRequest({
        prompt: 'Wait.',
        agent: { id: 'claude-code' },
        access: { provider: 'messages', baseUrl: model.url, key: KEY },
      });
      const task = new FollowedTask(side.sandbox, { ...request, network: 'open' });
      await task.item(({ kind }) => kind === 'tool-call');
      let said = 0;
      const ours = await repeated({ counted: rounds, warmUp: 1 }, async () => {
        const id = `m${String(said++)}`;
        const started = performance.now();
        const heard = task.item((item) => item.kind === 'message' && item.id === id);
        await side.sandbox.input(task.runId, { type: 'message', id, text: 'and hurry', when: 'next' });
        await heard;
        return performance.now() - started;
      });
      await side.sandbox.cancel(task.runId);
      await task.ended;
      return [
        {
          name: 'on Lambda, a message to a task, from the request to its event',
          unit: 'ms',
          ours,
          reach: { of: 'p95', bound: '≤', value: 1000 },
        },
      ];
    } finally {
      await side.dispose();
      await model.close();
    }
  },
};
