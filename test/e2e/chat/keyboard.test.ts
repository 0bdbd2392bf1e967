import assert from 'node:assert/strict';
import { agent, begun, completed, say, tool } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

/** The name of what has the focus, and whether it shows so. Runs in the page. */
function focused(): { name: string; isVisible: boolean } {
  interface Node {
    shadowRoot: { activeElement: Node | null } | null;
    getAttribute(name: string): string | null;
    textContent: string | null;
    matches(selector: string): boolean;
    id: string;
  }
  const page = globalThis as unknown as {
    document: { activeElement: Node | null };
    getComputedStyle(node: Node): { outlineStyle: string; outlineWidth: string; borderColor: string };
  };
  const outer = page.document.activeElement;
  let inner = outer;
  while (inner?.shadowRoot?.activeElement) inner = inner.shadowRoot.activeElement;
  if (outer === null || inner === null || outer.matches('body')) return { name: '', isVisible: false };
  const styles = [outer, inner].map((node) => page.getComputedStyle(node));
  return {
    name: (outer.getAttribute('aria-label') ?? outer.textContent ?? outer.id).replace(/\s+/g, ' ').trim(),
    isVisible:
      styles.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && outlineWidth !== '0px') ||
      // Text controls show it by their border.
      inner.matches('textarea, input'),
  };
}

describe('the chat by keyboard alone', () => {
  const test = withChat();
  const page = () => test.chat.page;

  /** Goes through the page by Tab until something by this name has the focus; everything on the way shows that it has. */
  async function tabTo(name: RegExp, key = 'Tab'): Promise<void> {
    const seen: string[] = [];
    for (let step = 0; step < 60; step++) {
      await page().keyboard.press(key);
      const at = await page().evaluate(focused);
      if (at.name !== '') assert.ok(at.isVisible, `${at.name} does not show that it has the focus`);
      if (name.test(at.name)) return;
      seen.push(at.name);
    }
    throw new Error(`Tab never comes to ${String(name)}: ${seen.join(' | ')}`);
  }

  it('writes, sends and steers', async () => {
    await tabTo(/What should be done/);
    await page().keyboard.type('First line');
    await page().keyboard.press('Shift+Enter');
    await page().keyboard.type('second line');
    await page().keyboard.press('Enter');
    await until(() => test.host.of('submit').length === 1);
    assert.equal(test.host.of('submit')[0]?.prompt, 'First line\nsecond line');
    const run = [...test.host.sessions.values()][0]?.runs[0]?.runId ?? '';
    await test.host.emit(run, ...begun);
    // The box is ready for the next without a press.
    await until(async () => (await page().evaluate(focused)).name === 'A message to the agent');
    await page().keyboard.type('more');
    await page().keyboard.press('Enter');
    await until(() => test.host.of('message').length === 1);
    await until(async () => (await page().evaluate(focused)).name === 'A message to the agent');
    await page().keyboard.press('Escape');
    await until(() => test.host.of('interrupt').length === 1);
    await page().keyboard.press('Escape');
    await until(() => test.host.of('stop').length === 1);
  });

  it('opens rows, answers questions, follows links, runs code, decides on changes', async () => {
    const run = await test.host.beginTask('All of it');
    await test.host.emit(
      run,
      ...begun,
      ...tool('a', 'Bash', 'Run make', { command: 'make' }, 'made'),
      say('1', 'See [the docs](https://e.example).\n\n```python\nprint(1)\n```\n'),
      agent({
        kind: 'question',
        id: 'q',
        text: 'Go on?',
        options: [{ label: 'Yes' }, { label: 'No' }],
        multiple: false,
        free: true,
      }),
    );
    await page().getByText('Go on?', { exact: true }).waitFor();
    await page().locator('#timeline').focus();
    await tabTo(/Run make/);
    await page().keyboard.press('Enter');
    await page().getByText('made').waitFor();
    await tabTo(/the docs/);
    await page().keyboard.press('Enter');
    await until(() => test.host.of('open-link').length === 1);
    await tabTo(/^Run$/);
    await page().keyboard.press('Enter');
    await until(() => test.host.of('run-code').length === 1);
    await tabTo(/^Copy Code$/);
    await page().keyboard.press('Space');
    await until(() => test.host.of('copy').length === 1);
    await tabTo(/^Yes$/);
    await tabTo(/Or in your words/);
    await page().keyboard.type('Only the first');
    await page().keyboard.press('Enter');
    await until(() => test.host.of('answer')[0]?.text === 'Only the first');
    await test.host.emit(
      run,
      { type: 'change', path: 'a.py', operation: 'create', mode: 0o644, size: 1 },
      { type: 'change', path: 'b.py', operation: 'create', mode: 0o644, size: 1 },
      completed,
    );
    await test.host.post({
      type: 'changes',
      runId: run,
      files: ['a.py', 'b.py'].map((path) => ({ path, operation: 'create', decision: 'open' })),
    });
    await page().getByText('2 changed files').waitFor();
    await tabTo(/^Accept a\.py$/);
    await page().keyboard.press('Enter');
    await tabTo(/^Discard b\.py$/);
    await page().keyboard.press('Enter');
    await tabTo(/^Review$/);
    await page().keyboard.press('Enter');
    await until(() => test.host.of('review').length === 1);
    await until(() => test.host.of('accept').length + test.host.of('discard').length === 2);
    assert.deepEqual([test.host.of('accept')[0]?.path, test.host.of('discard')[0]?.path], ['a.py', 'b.py']);
  });

  it('picks options and sessions', async () => {
    await test.host.beginTask('An earlier thing').then((run) => test.host.emit(run, ...begun, completed));
    await page().locator('.end', { hasText: 'Completed' }).waitFor();
    await tabTo(/Claude Code/);
    await page().keyboard.press('Enter');
    await tabTo(/^Budget$/);
    await page().keyboard.press('Enter');
    await page().keyboard.press('ArrowUp');
    await page().keyboard.press('Enter');
    await until(() => test.host.of('choose').some(({ chosen }) => chosen.budget.usd === 1));
    await test.host.post({ type: 'show', what: 'sessions' });
    await page().getByRole('heading', { name: 'Chats' }).waitFor();
    await tabTo(/An earlier thing/);
    await page().keyboard.press('Escape');
    await page().locator('.sessions').waitFor({ state: 'detached' });
  });

  it('tells those who do not see it what goes on', async () => {
    const run = await test.host.beginTask('Say');
    const status = page().getByRole('status');
    await test.host.emit(run, ...begun, agent({ kind: 'tool', id: 'a', name: 'Bash' }));
    await until(async () => (await status.textContent())?.trim() === 'Using Bash');
    await test.host.emit(
      run,
      agent({ kind: 'question', id: 'q', text: 'Which?', options: [], multiple: false, free: true }),
    );
    await until(async () => (await status.textContent())?.trim() === 'The agent asks: Which?');
    await test.host.emit(run, completed);
    await until(async () => (await status.textContent())?.trim() === 'The task has ended: completed.');
  });
});
