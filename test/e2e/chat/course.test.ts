import assert from 'node:assert/strict';
import { agent, begun, completed, USAGE } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

describe('a task in the page of the chat, in its course', () => {
  const test = withChat();
  const page = () => test.chat.page;
  const prompt = () => page().locator('#prompt textarea');

  it('answers a question with one press, and shows what was answered', async () => {
    const run = await test.host.beginTask('Ask');
    const options = [{ label: 'Yes', description: 'and remember it' }, { label: 'No' }];
    const question = {
      kind: 'question',
      id: 'q1',
      header: 'Delete',
      text: 'Delete a\u202ecod.exe?',
      options,
    } as const;
    await test.host.emit(run, ...begun, agent({ ...question, options, multiple: false, free: false }));
    const group = page().getByRole('group', { name: 'Delete a⟨U+202E⟩cod.exe?' });
    await group.getByText('and remember it').waitFor();
    await group.getByText('No', { exact: true }).click();
    await until(() => test.host.of('answer').length === 1);
    const [answer] = test.host.of('answer');
    assert.deepEqual(
      [answer?.runId, answer?.question, answer?.chosen, answer?.text],
      [run, 'q1', ['No'], undefined],
    );
    await test.host.emit(run, agent({ kind: 'answer', id: 'q1', text: 'No' }));
    await group.locator('.question-answer', { hasText: 'No' }).waitFor();
    assert.equal(await group.locator('vscode-button').count(), 0);
  });

  it('answers a question of several choices and words of one’s own', async () => {
    const run = await test.host.beginTask('Ask');
    const options = ['a', 'b', 'c'].map((label) => ({ label }));
    const question = agent({
      kind: 'question',
      id: 'q',
      text: 'Which?',
      options,
      multiple: true,
      free: true,
    });
    await test.host.emit(run, ...begun, question);
    const group = page().getByRole('group', { name: 'Which?' });
    const send = group.locator('vscode-button', { hasText: 'Answer' });
    assert.notEqual(await send.getAttribute('disabled'), null);
    await group.getByRole('checkbox', { name: 'a' }).click();
    await group.getByRole('checkbox', { name: 'c' }).click();
    await group.locator('vscode-text-field input').fill('and d');
    await send.click();
    await until(() => test.host.of('answer').length === 1);
    const [answer] = test.host.of('answer');
    assert.deepEqual([answer?.chosen, answer?.text], [['a', 'c'], 'and d']);
  });

  it('steers an agent that works, or tells it what comes next, and stops it at the second press', async () => {
    const run = await test.host.beginTask('Work');
    await test.host.emit(run, ...begun);
    await prompt().fill('more quietly');
    await prompt().press('Enter');
    await until(() => test.host.of('message').length === 1);
    await until(async () => (await prompt().inputValue()) === '');
    await prompt().fill('then rest');
    await prompt().press('Control+Enter');
    await until(() => test.host.of('message').length === 2);
    assert.deepEqual(
      test.host.of('message').map(({ text, when }) => [text, when]),
      [
        ['more quietly', 'now'],
        ['then rest', 'next'],
      ],
    );
    await page().locator('.progress vscode-button', { hasText: 'Stop' }).click();
    await page().locator('.progress vscode-button', { hasText: 'End Now' }).click();
    await until(() => test.host.of('stop').length === 1);
    assert.equal(test.host.of('interrupt').length, 1);
    await test.host.emit(run, { type: 'cancelled', usage: USAGE });
    await page().locator('.foot > .progress').waitFor({ state: 'detached' });
    await page().locator('.end', { hasText: 'Stopped · 0:42' }).waitFor();
  });

  it('shows what came of a task: verified, what ran, what changed, what it took', async () => {
    const run = await test.host.beginTask('Finish');
    const check = { type: 'check', command: 'make test', exitCode: 2 } as const;
    await test.host.emit(
      run,
      ...begun,
      { type: 'output', stream: 'stdout', program: 'check', text: 'two failures\n' },
      { ...check, passed: false },
      { type: 'execution', path: 'demo.py', language: 'python', exitCode: 0 },
      { type: 'change', path: 'src/a.py', operation: 'modify', mode: 0o644, size: 3 },
      { ...completed, verified: false } as typeof completed,
    );
    await test.host.stand(run, { state: 'ended' });
    const files = [
      { path: 'src/a.py', operation: 'modify', decision: 'open' },
      { path: 'evil\u202egnp.sh', operation: 'create', decision: 'open', guarded: 'It runs by itself.' },
    ] as const;
    await test.host.post({ type: 'changes', runId: run, files: [...files] });
    await page()
      .getByRole('button', { name: /Not verified/ })
      .click();
    await page().getByText('two failures').waitFor();
    const end = page().locator('.end', { hasText: 'Completed · 0:42 · 4 turns · 31.0k tokens · $0.09' });
    await end.waitFor();
    await page().getByText('evil⟨U+202E⟩gnp.sh').waitFor();
    await page().getByRole('button', { name: 'Accept a.py' }).click();
    await page()
      .getByRole('button', { name: /a\.py.*modified/ })
      .click();
    const all = page().locator('.changes .buttons vscode-button');
    // What is being decided on cannot be decided on once more.
    await until(() => test.host.of('accept').length === 1);
    await test.host.settled();
    await all.filter({ hasText: 'Accept All' }).click();
    await until(() => test.host.of('accept').length === 2);
    await test.host.settled();
    await all.filter({ hasText: 'Discard' }).click();
    await until(() => test.host.of('discard').length === 1);
    assert.deepEqual(
      [...test.host.of('accept'), ...test.host.of('review')].map(({ type, path }) => [type, path]),
      [
        ['accept', 'src/a.py'],
        ['accept', undefined],
        ['review', 'src/a.py'],
      ],
    );
    await test.host.post({
      type: 'changes',
      runId: run,
      files: files.map((file) => ({ ...file, decision: 'accepted' as const })),
    });
    await page().locator('.file[data-decision=accepted]').nth(1).waitFor();
    assert.equal(await page().locator('.changes vscode-button').count(), 0);
  });

  it('says that nothing is heard any more, since when, and looks again', async () => {
    await page().clock.install();
    await page().reload();
    await prompt().waitFor();
    const run = await test.host.beginTask('Hang');
    await test.host.emit(run, ...begun);
    await page().locator('.progress vscode-progress-ring').waitFor();
    await page().clock.fastForward(25_000);
    await test.host.post({ type: 'alive', runId: run });
    await page().clock.fastForward(25_000);
    await page().locator('.progress vscode-progress-ring').waitFor();
    await page().clock.fastForward(10_000);
    await page()
      .getByText(/^No sign of life since \d\d:\d\d$/)
      .waitFor();
    assert.equal(await page().locator('.progress vscode-progress-ring').count(), 0);
    await page().locator('.progress vscode-button', { hasText: 'Look Again' }).click();
    await until(() => test.host.of('replay').length === 1);
    assert.equal(test.host.of('replay')[0]?.after, begun.length);
  });

  it('says so when it is told what it cannot read', async () => {
    await page().evaluate(() => {
      (globalThis as unknown as { postMessage(data: unknown): void }).postMessage({ type: 'later version' });
    });
    await page()
      .getByRole('alert')
      .getByText(/cannot read/)
      .waitFor();
  });
});
