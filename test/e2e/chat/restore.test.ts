import assert from 'node:assert/strict';
import { agent, begun, completed, say, tool } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

describe('the page of the chat, loaded anew', () => {
  const test = withChat();
  const page = () => test.chat.page;
  const prompt = () => page().locator('#prompt textarea');
  const conversation = () => page().locator('#conversation').innerText();

  it('shows in mid-stream what it showed before, and what came meanwhile, once', async () => {
    const run = await test.host.beginTask('Count');
    await test.host.emit(run, ...begun, ...tool('a', 'Bash', 'Run make', {}, 'ok'), say('1', 'One, '));
    await page().getByText('One,').waitFor();
    const before = await conversation();
    const loading = page().reload();
    await test.host.emit(run, say('1', 'two, ')).catch(() => undefined);
    await loading;
    await test.host.emit(run, say('1', 'three.'));
    await page().getByText('One, two, three.').waitFor();
    assert.equal((await conversation()).replace('two, three.', ''), before.replace(/\s*$/, ' '));
    await test.host.emit(run, completed);
    await page().locator('.end', { hasText: 'Completed' }).waitFor();
  });

  it('keeps what was typed and where it was scrolled to, and nothing that was said', async () => {
    const run = await test.host.beginTask('Tell a secret');
    const lines = Array.from({ length: 200 }, (_, index) => `Line ${String(index)} of the secret.`).join(
      '\n\n',
    );
    await test.host.emit(run, ...begun, say('1', lines), completed);
    await page().getByText('Line 199 of').waitFor();
    await prompt().fill('half a thou');
    await page().locator('#timeline').hover();
    await page().mouse.wheel(0, -2000);
    const top = () =>
      page()
        .locator('#timeline')
        .evaluate((element) => (element as unknown as { scrollTop: number }).scrollTop);
    const kept = () =>
      page().evaluate(() =>
        (
          globalThis as unknown as { sessionStorage: { getItem(key: string): string | null } }
        ).sessionStorage.getItem('state'),
      );
    await page().getByRole('button', { name: 'Go to the End' }).waitFor();
    await until(
      async () => (JSON.parse((await kept()) ?? '{}') as { scroll?: number }).scroll === (await top()),
    );
    const before = await top();
    assert.doesNotMatch((await kept()) ?? '', /secret/);
    await page().reload();
    await page().getByText('Line 0 of').waitFor();
    assert.equal(await prompt().inputValue(), 'half a thou');
    await until(async () => Math.abs((await top()) - before) < 60);
  });

  it('asks for what it has missed while it was not shown', async () => {
    const run = await test.host.beginTask('Miss');
    await test.host.emit(run, ...begun, say('1', 'a'), say('1', 'b'), say('1', 'c'));
    await page().getByText('abc').waitFor();
    // VS Code drops messages to a hidden page: one never came.
    const next = begun.length + 4;
    await test.host.post({
      type: 'events',
      runId: run,
      after: next,
      last: next + 1,
      events: [{ ...say('1', 'e'), seq: next + 1, time: 1 }],
    });
    await until(() => test.host.of('replay').length === 1);
    assert.equal(test.host.of('replay')[0]?.after, begun.length + 3);
    assert.equal(await page().getByText('abce').count(), 0);
  });

  it('stays at the end as things come, and where the user is when they have scrolled away', async () => {
    const run = await test.host.beginTask('Scroll');
    await test.host.emit(run, ...begun);
    const distance = () =>
      page()
        .locator('#timeline')
        .evaluate((element) => {
          const { scrollHeight, scrollTop, clientHeight } = element as unknown as Record<string, number>;
          return (scrollHeight ?? 0) - (scrollTop ?? 0) - (clientHeight ?? 0);
        });
    for (let at = 0; at < 40; at++)
      await test.host.emit(run, ...tool(`a${String(at)}`, 'Bash', `Run step ${String(at)}`, {}, ''));
    await page().getByText('step 39').waitFor();
    await until(async () => (await distance()) < 2);
    await page().locator('#timeline').hover();
    await page().mouse.wheel(0, -400);
    await page().getByRole('button', { name: 'Go to the End' }).waitFor();
    await test.host.emit(run, agent({ kind: 'text', id: 'x', delta: 'new '.repeat(400) }));
    await page().getByText('new new').waitFor({ state: 'attached' });
    assert.ok((await distance()) > 100);
    await page().getByRole('button', { name: 'Go to the End' }).click();
    await until(async () => (await distance()) < 2);
    // The first step of a scroll that is animated, which what comes meanwhile does not undo.
    await page()
      .locator('#timeline')
      .evaluate((element) => ((element as unknown as { scrollTop: number }).scrollTop -= 10));
    await page().getByRole('button', { name: 'Go to the End' }).waitFor();
    await test.host.emit(run, agent({ kind: 'text', id: 'y', delta: 'more '.repeat(400) }));
    await page().getByText('more more').waitFor({ state: 'attached' });
    assert.ok((await distance()) > 100);
    await page().locator('#timeline').hover();
    await page().mouse.wheel(0, 4000);
    await page().getByRole('button', { name: 'Go to the End' }).waitFor({ state: 'detached' });
    await test.host.emit(run, agent({ kind: 'text', id: 'z', delta: 'last '.repeat(400) }));
    await page().getByText('last last').waitFor();
    await until(async () => (await distance()) < 2);
  });
});
