import assert from 'node:assert/strict';
import { say, text, use } from '../support/messages-api/turn.ts';
import { bash, write_ } from './support/agent-tools.ts';
import { setSetting, type TaskUser } from './support/task-user.ts';
import { read, until, write } from './support/workspace.ts';
import { withTaskUser } from './support/with-task-user.ts';

describe('a task from the editor', () => {
  let user: TaskUser;
  const begin = withTaskUser((begun) => (user = begun));

  it('goes from the prompt to the accepted change', async () => {
    await begin({ turns: [[text('I will write it.'), write_('new.txt', 'made')], say('It is written.')] });
    await write('old.txt', 'old');
    await user.task('Write new.txt');
    const { plain } = user.screen;
    assert.match(plain, /▶ Write new\.txt {2}Claude Code · This computer · no network · 1 file \(3 bytes\)/);
    assert.match(plain, /I will write it\.[^]*●[^\n]*new\.txt[^]*It is written\./);
    assert.match(
      plain,
      /✓ Done after [\d.]+ s · 2 turns · [\d.]+k? tokens.* · 1 file changed · Review Changes/,
    );
    assert.equal(await read('new.txt'), undefined, 'nothing is written before it is accepted');
    const [review] = user.offload.reviews.all;
    assert.deepEqual(
      review?.files.map(({ label }) => label),
      ['new.txt'],
    );
    await user.act('acceptAllChanges');
    assert.equal(await read('new.txt'), 'made');
  });

  it('is verified by its check, whatever the agent says', async () => {
    await begin({ turns: [say('All is well.')] });
    await setSetting('task.check', 'echo looking; test -e missing.txt');
    await user.task('Do it');
    assert.match(user.screen.plain, /▶ check\r\nlooking\r\n✗ The check failed \(exit code 1\)/);
    assert.match(user.screen.plain, /✗ Done after [\d.]+ s, but its check failed/);
  });

  it('is told what the workspace and the settings tell every task, which is shown', async () => {
    await begin({ turns: [say('As you wish.')] });
    await write('.offload/task.md', 'Use tabs, always.\n');
    await setSetting('task.instructions', 'Be brief.');
    await user.task('Do it');
    const items = user.dialogs.picks.find(({ title }) => title === 'Run Task')?.items ?? [];
    assert.equal(items.at(-1)?.description, '.offload/task.md: Use tabs, always.');
    assert.match(
      user.dialogs.withText('to the sandbox?')[0]?.detail ?? '',
      /is told what is in \.offload\/task\.md/,
    );
    assert.match(user.screen.plain, / · told \.offload\/task\.md/);
    const body = JSON.stringify(user.api.bodies[0]);
    assert.match(body, /Use tabs, always\.[^]*Be brief\./);
  });

  it('ends at its budget, keeps what it did, and can be gone on with', async () => {
    await begin({ turns: [write_('a.txt', 'a'), say('More.', { usage: { output: 100_000 } })] });
    await setSetting('task.budgetUsd', 0.01);
    await user.task('Do it');
    const [question] = user.dialogs.asked.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      question?.buttons,
      ['Open Setting', 'Go On…', 'Show Log'],
      JSON.stringify(user.dialogs.asked),
    );
  });

  it('asks the user what the agent asks', async () => {
    const question = {
      question: 'Which way?',
      header: 'Way',
      multiSelect: false,
      options: [
        { label: 'Left', description: 'the short one' },
        { label: 'Right', description: 'the long one' },
      ],
    };
    await begin({ turns: [use('AskUserQuestion', { questions: [question] }), say('Thank you.')] });
    user.dialogs.answer('asks: Which way?', 'Answer…');
    user.dialogs.picked = ['Run Task', 'Right'];
    await user.task('Find the way');
    assert.match(user.screen.plain, /\? Way: Which way\?\r\n {2}○ Left: the short one/);
    assert.match(JSON.stringify(user.api.bodies.at(-1)), /Right/);
    assert.match(user.screen.plain, /Thank you\./);
  });

  /** What it does, for how long, and what that took. */
  const PROGRESS = /^Run sleep 1000 \d+:\d\d · (\d+ turns? · )?[\d.]+k? tokens · \$/;

  it('shows in the status bar what it does and what that takes', async () => {
    const { progressOf } = await import('../../src/editor/run/status-bar.ts');
    await begin({ turns: [bash('sleep 1000')] });
    const task = user.task('Take your time');
    const run = await until('a task', () => user.offload.runs.active[0]);
    let shown = '';
    await until('its progress', () => PROGRESS.test((shown = progressOf(run)))).catch(() =>
      assert.match(shown, PROGRESS),
    );
    await user.act('cancelRun');
    await task;
    assert.match(user.screen.plain, /■ Cancelled after/);
  });
});
