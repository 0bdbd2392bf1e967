import assert from 'node:assert/strict';
import { until, withChat } from './support.ts';

describe('the prompt of the chat', () => {
  const test = withChat();
  const page = () => test.chat.page;
  const prompt = () => page().locator('#prompt textarea');

  it('sends a prompt with what is picked, and shows it with what comes of it', async () => {
    await prompt().fill('Mend the tests');
    await prompt().press('Enter');
    await page().locator('.prompt', { hasText: 'Mend the tests' }).waitFor();
    await until(async () => (await prompt().inputValue()) === '');
    const [sent] = test.host.of('submit');
    assert.deepEqual([sent?.session, sent?.chosen.agent, sent?.chosen.budget.usd], [null, 'claude', 5]);
  });

  it('keeps what was typed when it is refused, and says why with a button that helps', async () => {
    test.host.refusals.set('submit', {
      code: 'no-access',
      message: 'There is no key for the model.',
      fix: 'Store one.',
      remedies: [{ id: 'fix-1', label: 'Store Key…' }],
    });
    await prompt().fill('Mend the tests');
    await prompt().press('Enter');
    const error = page().getByRole('alert');
    await error.getByText('There is no key for the model.').waitFor();
    await error.getByText('Store one.').waitFor();
    assert.equal(await prompt().inputValue(), 'Mend the tests');
    await error.getByText('Store Key…').click();
    await until(() => test.host.of('remedy').some(({ remedy }) => remedy === 'fix-1'));
  });

  it('takes a prompt of 5 MB, says that it is refused, and works on', async () => {
    test.host.refusals.set('submit', {
      ...{ code: 'too-large', message: 'The prompt takes 5 MB; 1 MB can be sent.', remedies: [] },
      fix: 'Put long material into files of the workspace.',
    });
    await prompt().fill('x'.repeat(5 << 20));
    await prompt().press('Enter');
    await page().getByRole('alert').getByText('The prompt takes 5 MB').waitFor();
    assert.equal((await prompt().inputValue()).length, 5 << 20, 'what was typed stays');
    test.host.refusals.clear();
    await prompt().fill('shorter');
    await prompt().press('Enter');
    await until(() => test.host.of('submit').length === 2);
    await until(async () => (await prompt().inputValue()) === '');
  });

  it('cannot send where a workspace is not trusted, and says so', async () => {
    test.host.state = {
      trusted: false,
      obstacle: {
        code: 'untrusted',
        message: 'This workspace is not trusted.',
        remedies: [{ id: 'f', label: 'Manage Trust' }],
      },
    };
    await page().reload();
    await page().getByRole('alert').getByText('This workspace is not trusted.').waitFor();
    await prompt().fill('Do it anyway');
    await prompt().press('Enter');
    await page().getByText('Manage Trust').click();
    await until(() => test.host.of('remedy').length === 1);
    assert.deepEqual(test.host.of('submit'), []);
  });

  it('picks agent, model, budget and target, and takes names that are not offered', async () => {
    await page()
      .getByRole('button', { name: /Claude Code · \$5/ })
      .click();
    const pick = async (id: string, label: string) => {
      await page().locator(`#${id}`).click();
      await page().locator(`#${id} vscode-option`, { hasText: label }).click();
    };
    await pick('model', 'Small');
    await until(() => test.host.of('choose').some(({ chosen }) => chosen.model === 'model-small'));
    await pick('model', 'Other…');
    await page().locator('#model-name input').pressSequentially('provider/own-model', { delay: 5 });
    await until(() => test.host.of('choose').some(({ chosen }) => chosen.model === 'provider/own-model'));
    assert.equal(await page().locator('#model-name input').inputValue(), 'provider/own-model');
    await pick('budget', '$1');
    await until(() => test.host.of('choose').some(({ chosen }) => chosen.budget.usd === 1));
    await pick('budget', 'Other…');
    await page().locator('#budget-usd input').fill('2.50');
    await until(() => test.host.of('choose').some(({ chosen }) => chosen.budget.usd === 2.5));
    await pick('agent', 'opencode');
    await page().getByText('Its program is not on this machine.').waitFor();
    const last = test.host.of('choose').at(-1)?.chosen;
    assert.deepEqual(last, { agent: 'opencode', budget: { usd: 2.5 }, target: 'local' });
  });
});
