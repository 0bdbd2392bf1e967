import assert from 'node:assert/strict';
import { closedPort } from './support/closed-port.ts';
import { setSetting, type TaskUser } from './support/task-user.ts';
import { withTaskUser } from './support/with-task-user.ts';

describe('a task from the editor that cannot be done', () => {
  let user: TaskUser;
  const begin = withTaskUser((begun) => (user = begun));

  it('says what is missing before anything is read or sent', async () => {
    await begin({});
    await user.offload.keys.remove({ provider: 'compatible', baseUrl: user.api.url });
    await setSetting('task.provider', 'anthropic');
    await user.task('Do it');
    assert.match(user.dialogs.asked[0]?.message ?? '', /There is no key for the model/);
    assert.equal(user.dialogs.asked[0]?.buttons?.[0], 'Set Model Key…');
    await setSetting('task.provider', 'compatible');
    await setSetting('agents.claude-code.path', '/nowhere/claude');
    await user.task('Do it');
    assert.match(user.dialogs.asked[1]?.message ?? '', /\/nowhere\/claude is not a program of Claude Code/);
    await user.task('   ');
    assert.match(user.dialogs.asked[2]?.message ?? '', /the prompt is empty/);
    assert.deepEqual(user.dialogs.withText('to the sandbox?'), []);
  });

  it('says that the model cannot be reached, with what helps', async () => {
    await begin({});
    await setSetting('task.baseUrl', `http://127.0.0.1:${String(await closedPort())}`);
    await user.task('Do it');
    const [question] = user.dialogs.asked.filter(({ severity }) => severity === 'error');
    assert.match(question?.message ?? '', /127\.0\.0\.1/, JSON.stringify(user.dialogs.asked));
    assert.match(user.screen.plain, /✗ /);
    assert.deepEqual(user.offload.runs.active, []);
  });

  it('refuses a prompt of 5 MB before anything is asked or sent', async () => {
    await begin({});
    await user.task('x'.repeat(5 << 20));
    const [question] = user.dialogs.withText('The prompt takes 5 MB; 1 MB can be sent.');
    assert.match(question?.message ?? '', /Put long material into files/);
    assert.deepEqual([user.dialogs.withText('to the sandbox?'), user.api.requests], [[], []]);
  });

  it('says that the model does not take the key', async () => {
    await begin({ key: 'another' });
    await user.task('Do it');
    const [question] = user.dialogs.asked.filter(({ severity }) => severity === 'error');
    assert.equal(question?.buttons?.[0], 'Set Model Key…', JSON.stringify(user.dialogs.asked));
    assert.match(user.screen.plain, /✗ /);
    assert.doesNotMatch(user.screen.text + JSON.stringify(user.dialogs.asked), /made-up-key/);
  });

  for (const [name, value] of [
    ['task.budgetUsd', '5'],
    ['task.agent', 'cobol'],
  ] as const) {
    it(`names a setting that is wrong: ${name}`, async () => {
      await begin({});
      await setSetting(name, value);
      await user.task('Do it');
      const [question] = user.dialogs.asked;
      assert.match(question?.message ?? '', new RegExp(`The setting offload.${name} cannot be used: `));
      assert.equal(question?.buttons?.[0], 'Open Setting');
      assert.deepEqual(user.api.requests, []);
    });
  }
});
