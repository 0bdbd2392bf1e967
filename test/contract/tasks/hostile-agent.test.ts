import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamAgent, type Behaviour } from '../../support/agents/stream-agent-program.ts';
import type { MessagesApi } from '../../support/messages-api/server.ts';
import { boxProcesses } from '../../support/target/processes.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import type { FollowedTask } from '../../support/task/followed-task.ts';
import type { TaskWish } from '../../support/task/task-request.ts';
import { TaskTarget } from '../../support/task/task-target.ts';

const MIB = 1024 ** 2;

describe('a task of a program that is no good agent', () => {
  let on: TaskTarget;
  let started: TaskTarget | undefined;
  let folder: string;
  let program: string;
  let api: MessagesApi;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-'));
    program = await streamAgent(folder);
  });
  beforeEach(async () => {
    started = await TaskTarget.start(program);
    on = started;
    api = await on.model({});
  });
  afterEach(() => started?.dispose());
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const start = (behaviour: Behaviour, wish: Partial<TaskWish> = {}): FollowedTask =>
    on.start(api, { prompt: 'do it', agent: { id: 'claude-code', program, args: [behaviour] }, ...wish });

  /** What it did is kept, and nothing of it goes on. */
  const keptAndGone = async (task: FollowedTask): Promise<void> => {
    assert.equal(await on.content(task, 'made.txt'), 'made\n');
    assert.deepEqual(await boxProcesses(on.target.folder), []);
  };

  /** Bytes of memory that the server has had at most. */
  const peak = (): number => {
    const status = readFileSync(`/proc/${String(on.target.pid)}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  };

  it('ends when it writes a line that has no end, and takes no memory for the rest of it', async () => {
    const before = peak();
    const task = start('endless line');
    const { message } = failedWith(await task.ended, 'agent-failed');
    assert.match(message, /a line of more than 64 MB/);
    assert(peak() - before < 256 * MIB, `${String((peak() - before) / MIB)} MB`);
    await keptAndGone(task);
  });

  it('completes when it writes a flood of what is no message, of which nothing is kept', async () => {
    const before = peak();
    const task = start('noise');
    completed(await task.ended);
    assert(peak() - before < 512 * MIB, `${String((peak() - before) / MIB)} MB`);
    assert(JSON.stringify(task.events).length < 64 * 1024);
    await keptAndGone(task);
  });

  it('ends when it says more than the task may put out', async () => {
    const before = peak();
    const task = start('endless talk', { limits: { outputBytes: 4 * MIB } });
    const { message, fix } = failedWith(await task.ended, 'output-limit');
    assert.equal(message, 'The agent told more than 4 MB and was ended.');
    assert.match(fix ?? '', /What it did is kept/);
    assert.match(task.said, /^x+$/);
    assert(task.said.length > 3 * MIB && task.said.length <= 4 * MIB, String(task.said.length));
    assert(peak() - before < 256 * MIB, `${String((peak() - before) / MIB)} MB`);
    await keptAndGone(task);
  });

  it('ends by its time when it never says anything', async () => {
    const task = start('silence', { limits: { wallSeconds: 2 } });
    assert.match(failedWith(await task.ended, 'timeout').message, /longer than 2 s/);
    await keptAndGone(task);
  });

  it('is stopped when it never says anything, and does not hear of it', async () => {
    const task = start('silence');
    await task.item(({ kind }) => kind === 'session');
    assert.equal((await on.target.sandbox.cancel(task.runId)).type, 'cancelled');
    await keptAndGone(task);
  });

  it('is told of when it crashes in the middle of a tool, with what it said last', async () => {
    const task = start('crash');
    const { message, fix } = failedWith(await task.ended, 'agent-failed');
    assert.match(message, /ended with exit code 7, in the middle of its work.* nothing/);
    assert.match(fix ?? '', /What it did is kept/);
    assert.equal(task.said, 'half');
    await keptAndGone(task);
  });

  it('is told of when it writes what is no JSON, though it ends with exit code 0', async () => {
    const task = start('no JSON');
    const { message, fix } = failedWith(await task.ended, 'agent-failed');
    assert.match(message, /ended without a result\. It wrote: Hello, I am no agent\./);
    assert.match(fix ?? '', /that the program is Claude Code/);
    await keptAndGone(task);
  });

  it('is no success when each of its tools was refused, though it says so', async () => {
    const task = start('refusal');
    const { message, fix } = failedWith(await task.ended, 'agent-failed');
    assert.match(message, /refused every tool that it wanted to use: Bash, Write\./);
    assert.match(fix ?? '', /\.claude\/settings\.json/);
    assert.deepEqual(
      task.results.map(({ outcome }) => outcome),
      ['refused', 'refused'],
    );
    await keptAndGone(task);
  });
});
