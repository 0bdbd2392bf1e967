import assert from 'node:assert/strict';
import { agent, begun, completed, say, tool, USAGE } from '../../support/chat/script.ts';
import { AWAY } from '../../support/chat/fake-host.ts';
import { until, withChat } from './support.ts';

const FENCE = '```';

describe('the page of the chat', function () {
  this.timeout(60_000);
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

  it('writes a text as it streams, and colours code when its fence closes', async () => {
    const run = await test.host.beginTask('Explain');
    const text = `Some **bold** words.\n\n- one\n- two\n\n${FENCE}python\nprint("x")\n${FENCE}\n\nThe end.`;
    await test.host.emit(run, ...begun);
    await test.host.emit(run, say('1', text.slice(0, 54)));
    await page().locator('.fence pre', { hasText: 'print("x' }).waitFor();
    assert.equal(await page().locator('.hljs-built_in').count(), 0);
    const bold = page().locator('.markdown strong', { hasText: 'bold' });
    await bold.evaluate((element) => {
      (element as unknown as { setAttribute(name: string, value: string): void }).setAttribute(
        'data-mark',
        'first',
      );
    });
    for (let at = 54; at < text.length; at += 5) await test.host.emit(run, say('1', text.slice(at, at + 5)));
    await page().getByText('The end.').waitFor();
    assert.equal(await page().getByText('What the task is.').count(), 0, 'the prompt is shown once');
    await page().locator('.fence .hljs-built_in', { hasText: 'print' }).waitFor();
    // What was settled was not drawn again.
    assert.equal(await bold.getAttribute('data-mark'), 'first');
    assert.equal(await page().locator('.markdown li').count(), 2);
  });

  it('shows tool uses as rows that open, with their output as text, and a sub-agent’s below', async () => {
    const run = await test.host.beginTask('Look');
    const output = '\u001b[31mred\u001b[0m <b>not bold</b> \u001b]52;c;ZXZpbA==\u0007';
    await test.host.emit(
      run,
      ...begun,
      ...tool('a', 'Bash', 'Run make test', { command: 'make test' }, output),
      agent({ kind: 'tool', id: 't', name: 'Task' }),
      agent({ kind: 'tool-call', id: 't', name: 'Task', title: 'Delegate Look around', input: {} }),
      agent({ kind: 'tool', id: 'b', name: 'Read' }, 't'),
    );
    const row = page().getByRole('button', { name: /Run.*make test/ });
    assert.equal(await row.getAttribute('aria-expanded'), 'false');
    await row.click();
    await until(async () => (await row.getAttribute('aria-expanded')) === 'true');
    const shown = page().getByRole('region', { name: 'Output' });
    assert.equal((await shown.innerText()).trim(), 'red <b>not bold</b>');
    assert.equal(await shown.locator('.ansi-1').innerText(), 'red');
    // A sub-agent at work is seen without a press.
    await page().locator('.nested').getByRole('button', { name: /Read/ }).waitFor();
    await test.host.emit(run, agent({ kind: 'tool-result', id: 't', outcome: 'done', text: 'All well.' }));
    await page().locator('.nested').waitFor({ state: 'detached' });
    await page()
      .getByRole('button', { name: /Delegate.*Look around/ })
      .click();
    await page().locator('.nested').getByRole('button', { name: /Read/ }).waitFor();
    await page().getByText('All well.').waitFor();
  });

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

  it('runs a code block, and shows under it what it printed', async () => {
    const run = await test.host.beginTask('Write code');
    await test.host.emit(
      run,
      ...begun,
      say('1', `${FENCE}rust\nfn main() {}\n${FENCE}\n\nand\n\n${FENCE}py\nprint(6 * 7)\n${FENCE}\n`),
      completed,
    );
    const fence = page().locator('.fence').nth(1);
    await fence.locator('vscode-button', { hasText: 'Run' }).click();
    await until(() => test.host.of('run-code').length === 1);
    const [asked] = test.host.of('run-code');
    assert.deepEqual(
      [asked?.code, asked?.language, asked?.place],
      ['print(6 * 7)', 'python', { runId: run, block: 'text:1', fence: 1 }],
    );
    const session = [...test.host.sessions.values()][0];
    const code = session?.runs.at(-1)?.runId ?? '';
    await test.host.emit(
      code,
      { type: 'phase', phase: 'running' },
      { type: 'output', stream: 'stdout', text: '42\n' },
      { type: 'completed', exitCode: 0, usage: { wallMs: 20, outputBytes: 3 } },
    );
    await fence.getByText('42').waitFor();
    await fence.getByText('Exit code 0').waitFor();
    // What cannot be run has no button for it.
    assert.equal(
      await page().locator('.fence').first().locator('vscode-button', { hasText: 'Run' }).count(),
      0,
    );
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

  it('opens no link by itself: the host is asked', async () => {
    const run = await test.host.beginTask('Link');
    await test.host.emit(run, ...begun, say('1', '[docs](https://e.example/docs) [code](src/a.py:3)'));
    await page().getByRole('link', { name: 'docs' }).click();
    await page().getByRole('link', { name: 'code' }).press('Enter');
    await until(() => test.host.of('open-file').length === 1);
    const [file] = test.host.of('open-file');
    assert.deepEqual([file?.runId, file?.path, file?.line], [run, 'src/a.py', 3]);
    assert.equal(test.host.of('open-link')[0]?.href, 'https://e.example/docs');
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

  it('opens the whole of a flood of output, which it shows cut', async () => {
    const run = await test.host.beginTask('Flood');
    const flood = 'x'.repeat(99) + '\n';
    await test.host.emit(
      run,
      ...begun,
      ...tool('a', 'Bash', 'Run short', { command: 'short' }, 'short'),
      ...tool('b', 'Write', 'Write long', { content: flood.repeat(300) }, flood.repeat(200)),
      { type: 'output', stream: 'stdout', program: 'check', text: flood.repeat(5000) },
      { type: 'check', command: 'make', passed: true, exitCode: 0 },
      completed,
    );
    const whole = page().getByRole('button', { name: 'Open all of it in an editor' });
    await page()
      .getByRole('button', { name: /Run.*short/ })
      .click();
    await page().getByRole('region', { name: 'Output' }).waitFor();
    assert.equal(await whole.count(), 0);
    await page()
      .getByRole('button', { name: /Write.*long/ })
      .click();
    await page().getByText('more characters').waitFor();
    await until(async () => (await whole.count()) === 2);
    await whole.first().click();
    await until(() => test.host.of('open-whole').length === 1);
    await page()
      .getByRole('button', { name: /Verified/ })
      .click();
    await page().getByText('characters left out').waitFor();
    await whole.last().click();
    await until(() => test.host.of('open-whole').length === 2);
    assert.deepEqual(
      test.host.of('open-whole').map(({ runId, part }) => [runId, part]),
      [
        [run, { tool: 'b' }],
        [run, { program: 'check' }],
      ],
    );
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
