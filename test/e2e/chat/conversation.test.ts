import assert from 'node:assert/strict';
import { agent, begun, completed, say, tool } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

const FENCE = '```';

describe('the page of the chat', () => {
  const test = withChat();
  const page = () => test.chat.page;

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
});
