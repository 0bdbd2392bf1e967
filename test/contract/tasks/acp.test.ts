import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TerminalEvent } from '../../../src/protocol/event.ts';
import { SCRIPTED_AGENT, type Scenario } from '../../support/acp-agent/scenario.ts';
import { say } from '../../support/messages-api/turn.ts';
import { boxProcesses } from '../../support/target/processes.ts';
import type { FollowedTask, TaskWish } from '../../support/task/task-run.ts';
import { MADE_UP_KEY } from '../../support/task/task-run.ts';
import { TaskTarget } from '../../support/task/task-target.ts';

describe('a task of an agent that the user names', function () {
  this.timeout(60_000);
  let on: TaskTarget;
  let folder: string;
  let file: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-'));
    file = join(folder, 'agent.mjs');
    await build({
      entryPoints: [SCRIPTED_AGENT],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    on = await TaskTarget.start({ id: 'acp', program: process.execPath });
  });
  after(async () => {
    await on.dispose();
    rmSync(folder, { recursive: true });
  });

  const start = async (
    scenario: Scenario,
    wish: Partial<TaskWish> = {},
  ): Promise<{ task: FollowedTask; end: TerminalEvent }> => {
    const api = await on.model({ turns: [say('Hello from the model.')] });
    const agent = { id: 'acp', program: process.execPath, args: [file, JSON.stringify(scenario)] };
    const task = on.start(api, { prompt: 'do it', ...wish, ...{ agent } });
    return { task, end: await task.ended };
  };
  const error = (end: TerminalEvent) =>
    end.type === 'failed' ? end.error : assert.fail(JSON.stringify(end));

  it('reaches the model by a port of its own, without a key, and is counted', async () => {
    const { task, end } = await start({ turns: [[{ askModel: 'Hello?' }, { say: ' It answered.' }]] });
    assert.equal(end.type, 'completed', JSON.stringify(end));
    assert.equal(task.said, 'Hello from the model. It answered.');
    assert.partialDeepStrictEqual(end.usage.model, { requests: 1, inputTokens: 100, outputTokens: 20 });
    assert(!JSON.stringify(task.events).includes(MADE_UP_KEY));
    assert.deepEqual(await boxProcesses(on.target.folder), []);
  });

  it('is told where it works, and no path of the host', async () => {
    const { task } = await start({ turns: [[{ sayTold: true }]] });
    const told = JSON.parse(task.said) as { method: string; params: { cwd?: string } }[];
    assert.equal(told.find(({ method }) => method === 'session/new')?.params.cwd, '/workspace');
  });

  it('is told of when it crashes, by its exit code and what it said last', async () => {
    const { task, end } = await start({ turns: [[{ say: 'half' }, { exit: 3 }]] });
    assert.equal(error(end).code, 'agent-failed');
    assert.match(error(end).message, /ended with exit code 3, in the middle of its work/);
    assert.equal(task.said, 'half');
  });

  it('is told of when it does not speak the protocol', async () => {
    const api = await on.model({ turns: [] });
    const agent = { id: 'acp', program: process.execPath, args: ['-e', 'console.log("Hello!")'] };
    const end = await on.start(api, { prompt: 'do it', ...{ agent } }).ended;
    assert.equal(error(end).code, 'agent-failed');
    assert.match(error(end).message, /ended with exit code 0/);
  });

  it('is told of when it is not there', async () => {
    const api = await on.model({ turns: [] });
    for (const program of [undefined, '/nowhere/agent', '/etc/passwd', '/tmp']) {
      const agent = { id: 'acp', ...(program === undefined ? {} : { program }) };
      const end = await on.start(api, { prompt: 'do it', ...{ agent } }).ended;
      assert.equal(error(end).code, 'no-agent', program);
    }
  });
});
