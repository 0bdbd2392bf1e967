import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bundleAgent } from '../../support/acp-agent/bundle.ts';
import type { Scenario } from '../../support/acp-agent/scenario.ts';
import { say } from '../../support/messages-api/turn.ts';
import { taskCli } from './task-cli.ts';

describe('offload task --agent acp', () => {
  const task = taskCli();

  it('has a program of the user’s do it, with the arguments that it takes', async () => {
    await task.answers([say('Hello from the model.')]);
    const file = join(task.cli.work, 'agent.mjs');
    await bundleAgent(file);
    const scenario: Scenario = { turns: [[{ askModel: 'Hello?' }, { say: ' It answered.' }]] };
    const agent = ['--agent', 'acp', '--agent-program', process.execPath];
    const args = ['--agent-arg', file, '--agent-arg', JSON.stringify(scenario)];
    const { code, stdout, stderr } = await task.run(['task', ...agent, ...args, 'Go']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Hello from the model\. It answered\./);
  });

  it('says what to give where no program is named', async () => {
    await task.answers([say('Never.')]);
    const { code, stderr } = await task.cli.start(['task', '--agent', 'acp', 'Go'], {}).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /--agent-program/);
  });
});
