import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerminalEvent } from '../../../src/protocol/event.ts';
import { bundleAgent } from '../../support/acp-agent/bundle.ts';
import type { Scenario } from '../../support/acp-agent/scenario.ts';
import { code } from '../../support/target/code.ts';
import { say } from '../../support/messages-api/turn.ts';
import { boxProcesses } from '../../support/target/processes.ts';
import { failedWith } from '../../support/task/ends.ts';
import type { FollowedTask } from '../../support/task/followed-task.ts';
import type { TaskWish } from '../../support/task/task-request.ts';
import { MADE_UP_KEY, TaskTarget } from '../../support/task/task-target.ts';

const MIB = 1024 ** 2;

describe('a task of an agent that the user names', () => {
  let on: TaskTarget;
  let folder: string;
  let file: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-'));
    file = join(folder, 'agent.mjs');
    await bundleAgent(file);
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
    const task = on.start(api, { prompt: 'do it', ...wish, agent });
    return { task, end: await task.ended };
  };

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

  it('is given a long prompt whole, of which the journal has what an event may hold', async () => {
    // Six characters each, as JSON.
    const prompt = '\u0001'.repeat(1_000_000);
    const { task, end } = await start({ turns: [[{ say: 'Read.' }]] }, { prompt, title: 'long' });
    assert.equal(end.type, 'completed', JSON.stringify(end));
    assert.equal(task.said, 'Read.');
    const told = task.items.find(({ kind }) => kind === 'message');
    assert.match(told?.kind === 'message' ? told.text : '', /characters left out/);
  });

  it('is told of when it crashes, by its exit code and what it said last', async () => {
    const { task, end } = await start({ turns: [[{ say: 'half' }, { exit: 3 }]] });
    assert.match(
      failedWith(end, 'agent-failed').message,
      /ended with exit code 3, in the middle of its work/,
    );
    assert.equal(task.said, 'half');
  });

  it('is told of when it does not speak the protocol', async () => {
    const api = await on.model({ turns: [] });
    const agent = { id: 'acp', program: process.execPath, args: ['-e', 'console.log("Hello!")'] };
    const end = await on.start(api, { prompt: 'do it', agent }).ended;
    assert.match(failedWith(end, 'agent-failed').message, /ended with exit code 0/);
  });

  it('is ended at once when its processes eat more memory than they may together', async () => {
    // Each writes a byte for each MiB that it has eaten.
    const eat = code`
      import time
      all, eaten = [], open("eaten", "ab", 0)
      while True:
        all.append(b"x" * (1 << 20))
        eaten.write(b"x")
        time.sleep(0.02)
    `;
    const script = `trap '' TERM; for i in 1 2 3 4 5 6; do python3 -c '${eat}' & done; wait`;
    const api = await on.model({ turns: [] });
    const agent = { id: 'acp', program: '/bin/bash', args: ['-c', script] };
    const task = on.start(api, { prompt: 'do it', limits: { memoryBytes: 512 * MIB }, agent });
    failedWith(await task.ended, 'memory-limit');
    const { path, size = 0 } = task.changes[0] ?? {};
    assert.equal(path, 'eaten');
    assert(size > 256 && size < 768, String(size));
  });

  it('is told of when it is not there', async () => {
    const api = await on.model({ turns: [] });
    for (const program of [undefined, '/nowhere/agent', '/etc/passwd', '/tmp']) {
      const agent = { id: 'acp', ...(program === undefined ? {} : { program }) };
      const end = await on.start(api, { prompt: 'do it', agent }).ended;
      failedWith(end, 'no-agent');
    }
  });
});
