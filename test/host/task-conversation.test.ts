import assert from 'node:assert/strict';
import { newRunId } from '../../src/core/program/program.ts';
import { say, text } from '../support/messages-api/turn.ts';
import { bash, write_ } from './support/agent-tools.ts';
import { restarted } from './support/extension.ts';
import type { TaskUser } from './support/task-user.ts';
import { read, until } from './support/workspace.ts';
import { withTaskUser } from './support/with-task-user.ts';

describe('a task from the editor that is spoken to', () => {
  let user: TaskUser;
  const begin = withTaskUser((begun) => (user = begun));

  it('is stopped, and what it did is kept', async () => {
    await begin({ turns: [[write_('a.txt', 'half'), bash('sleep 1000')]] });
    const task = user.task('Take your time');
    await user.running('sleep 1000').catch(() => user.running('Runs it'));
    await until('the file is written', () => user.screen.plain.includes('a.txt'));
    await user.act('stopTask', newRunId());
    assert.equal(user.dialogs.withText('That task is not there any more').length, 1);
    assert.equal(user.offload.runs.active[0]?.isInterrupted, false, 'no other is stopped in its place');
    await user.act('stopTask');
    await task;
    assert.deepEqual(
      user.offload.reviews.all[0]?.files.map(({ label }) => label),
      ['a.txt'],
    );
    assert.equal(user.offload.runs.active.length, 0);
  });

  it('goes on with its conversation and files afterwards', async () => {
    await begin({
      turns: [write_('one.txt', '1'), say('Wrote one.')],
      replies: [{ to: 'and two', turns: [bash('cat one.txt > two.txt'), say('Wrote two.')] }],
    });
    await user.task('Write one');
    user.dialogs.type('Reply to', 'and two');
    await user.act('replyToTask');
    assert.match(user.screen.plain, /Wrote one\.[^]*▶ and two[^]*Wrote two\./);
    const changes = user.offload.reviews.all.map(({ files }) => files.map(({ label }) => label));
    assert.deepEqual(changes[0], ['one.txt', 'two.txt'], JSON.stringify(changes));
    const [second, first] = await user.offload.tasks.all();
    assert.equal(second?.task?.conversation, first?.runId);
    assert.equal(second?.task?.resume, first?.runId);
    await user.act('acceptAllChanges', second?.runId);
    assert.equal(await read('two.txt'), '1');
  });

  it('takes a message while it works', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await begin({
      turns: [{ ...say('Working.'), hold: { event: 2, until: held } }],
      replies: [{ to: 'be quick', turns: [say('Quickly then.')] }],
    });
    user.dialogs.type('Reply to', 'be quick');
    user.dialogs.picked = ['Run Task', 'When Its Turn Has Ended'];
    const task = user.task('Do it');
    await user.running('Claude Code 2');
    await user.act('replyToTask');
    go();
    await task;
    assert.match(user.screen.plain, /▸ be quick[^]*Quickly then\./);
    assert.equal((await user.offload.tasks.all()).length, 1, 'it is the same task');
  });

  it('is there again after a reload in its middle', async () => {
    let go = (): void => undefined;
    const until_ = new Promise<void>((resolve) => (go = resolve));
    await begin({
      turns: [
        [text('Before.'), write_('a.txt', 'a')],
        { ...say('After.'), hold: { event: 1, until: until_ } },
      ],
    });
    const task = user.task('Do it');
    const { record } = await user.running('a.txt');
    const { offload } = await restarted();
    await task;
    assert.equal(offload.runs.active.length, 0);
    await offload.takeUpEarlierRuns();
    await until('it is followed', () => offload.runs.get(record.runId));
    go();
    const review = await until('its end', () => offload.reviews.get(record.runId));
    assert.deepEqual(
      review.files.map(({ label }) => label),
      ['a.txt'],
    );
    await offload.reviews.settle(review.files);
    assert.equal((await offload.tasks.all())[0]?.runId, record.runId, 'it can be gone on from');
  });
});
