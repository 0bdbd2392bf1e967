import assert from 'node:assert/strict';
import { say } from '../support/messages-api/turn.ts';
import { bash } from './support/agent-tools.ts';
import type { TaskUser } from './support/task-user.ts';
import { write } from './support/workspace.ts';
import { withTaskUser } from './support/with-task-user.ts';

describe('what a task from the editor is sent', () => {
  let user: TaskUser;
  const begin = withTaskUser((begun) => (user = begun));

  it('sends nothing when the user does not agree', async () => {
    await begin({});
    const runs = (await user.offload.sandbox.runs()).length;
    user.dialogs.answer('to the sandbox?', undefined);
    await write('a.txt', 'x');
    await user.task('Do it');
    assert.equal(user.dialogs.withText('to the sandbox?').length, 1);
    assert.deepEqual([user.api.requests.length, (await user.offload.sandbox.runs()).length], [0, runs]);
    assert.deepEqual(await user.offload.records.all(), []);
    assert.equal(user.screen.text, '');
  });

  it('leaves out what looks like a secret, and asks once', async () => {
    await begin({ turns: [bash('ls -A'), say('Done.')] });
    await write('id_rsa', 'made up');
    await write('a.txt', 'x');
    await user.task('Look');
    await user.task('Look again');
    const asked = user.dialogs.withText('to the sandbox?');
    assert.equal(asked.length, 1);
    assert.match(asked[0]?.detail ?? '', /id_rsa: .* \(stays here\)/);
    const bodies = JSON.stringify(user.api.bodies);
    assert.match(bodies, /a\.txt/);
    assert.doesNotMatch(bodies, /id_rsa/);
    await write('.env', 'A=made-up\n');
    await user.task('Look once more');
    assert.equal(user.dialogs.withText('to the sandbox?').length, 2);
  });

  it('sends a secret that the user allows, and asks again when it has become another', async () => {
    await begin({ turns: [bash('cat .env'), say('Done.')] });
    user.dialogs.answer('to the sandbox?', 'Send');
    let isChosen = false;
    user.dialogs.ticked = ['.env'];
    const ask = user.dialogs.ask.bind(user.dialogs);
    user.dialogs.ask = async (question) => {
      if (question.buttons?.includes('Choose Files with Secrets…') === true && !isChosen) {
        isChosen = true;
        return 'Choose Files with Secrets…';
      }
      return ask(question);
    };
    await write('.env', 'A=first-made-up\n');
    await user.task('Look');
    assert.match(JSON.stringify(user.api.bodies), /first-made-up/);
    await user.task('Look again');
    assert.equal(user.dialogs.withText('to the sandbox?').length, 1);
    await write('.env', 'A=second-made-up\n');
    await user.task('Look once more');
    const asked = user.dialogs.withText('to the sandbox?');
    assert.equal(asked.length, 2);
    assert.match(asked[1]?.detail ?? '', /\.env: .*\(changed since you allowed it, stays here\)/);
    assert.doesNotMatch(JSON.stringify(user.api.bodies), /second-made-up/);
  });
});
