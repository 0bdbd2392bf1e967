import assert from 'node:assert/strict';
import { AWAY } from '../../support/chat/fake-host.ts';
import { begun, completed, say } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

describe('sessions in the page of the chat', () => {
  const test = withChat();
  const page = () => test.chat.page;
  const prompt = () => page().locator('#prompt textarea');

  it('begins a new chat, and says why, where the last task cannot be gone on with', async () => {
    const note = page().getByRole('note');
    const run = await test.host.beginTask('Mend it', { final: 'Nothing is kept there.', hourUsd: 0.36 });
    await test.host.emit(run, ...begun);
    await test.host.settled();
    assert.equal(await note.count(), 0, 'while it goes on');
    await test.host.emit(run, completed);
    await test.host.stand(run, { state: 'ended' });
    await note.getByText(/^Nothing is kept there\..* begins a new task in a new chat\.$/).waitFor();
    await page()
      .locator('.end', { hasText: /about \$0\.\d+ on AWS/ })
      .waitFor();
    await prompt().fill('And then');
    await page().getByRole('button', { name: 'New Task' }).click();
    await until(() => test.host.of('submit').length === 1);
    assert.deepEqual([test.host.of('submit')[0]?.session, test.host.sessions.size], [null, 2]);
  });

  it('begins a new chat where another place is picked than the one of the last task', async () => {
    const run = await test.host.beginTask('Mend it');
    await test.host.emit(run, ...begun, completed);
    await test.host.stand(run, { state: 'ended' });
    await page()
      .getByRole('button', { name: /Claude Code/ })
      .click();
    assert.equal(await page().getByRole('note').count(), 0);
    await page().locator('#target').click();
    await page().locator('#target vscode-option', { hasText: 'AWS' }).click();
    await page()
      .getByRole('note')
      .getByText('of this chat are on This computer, and do not move to AWS · eu-west-1.')
      .waitFor();
    await prompt().fill('And then');
    await prompt().press('Enter');
    await until(() => test.host.of('submit').length === 1);
    const [sent] = test.host.of('submit');
    assert.deepEqual([sent?.session, sent?.chosen.target], [null, AWAY]);
  });

  it('lists sessions, and opens and deletes them', async () => {
    const first = await test.host.beginTask('The first thing');
    await test.host.emit(first, ...begun, say('1', 'first answer'), completed);
    await test.host.beginTask('The second thing');
    await test.host.post({ type: 'show', what: 'sessions' });
    await page()
      .getByRole('button', { name: /The first thing/ })
      .first()
      .click();
    await page().getByText('first answer').waitFor();
    await test.host.post({ type: 'show', what: 'sessions' });
    await page().getByRole('button', { name: 'Delete The first thing' }).click();
    await until(() => !test.host.sessions.has('s1'));
    await page().getByText('Give a task to a coding agent').waitFor();
  });
});
