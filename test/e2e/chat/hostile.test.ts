import assert from 'node:assert/strict';
import { agent, begun, completed, say } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

const BEACON = 'http://127.0.0.1:9/beacon';

/** Each does something in a page that takes it for more than text. */
const HOSTILE = [
  `<img src="${BEACON}/img" onerror="globalThis.hacked = 'img'">`,
  `<svg onload="globalThis.hacked = 'svg'"><script>globalThis.hacked = 'svg script'</script><image href="${BEACON}/svg"/></svg>`,
  `<script>globalThis.hacked = 'script'</script>`,
  `<script src="${BEACON}/script.js"></script>`,
  `<iframe src="${BEACON}/frame"></iframe>`,
  `<iframe srcdoc="<script>parent.hacked = 'frame'</script>"></iframe>`,
  `<link rel="stylesheet" href="${BEACON}/style"><link rel="prefetch" href="${BEACON}/prefetch">`,
  `<style>@import url(${BEACON}/import); * { background: url(${BEACON}/background) }</style>`,
  `<object data="${BEACON}/object"></object><embed src="${BEACON}/embed">`,
  `<video src="${BEACON}/video" autoplay></video><audio src="${BEACON}/audio" autoplay></audio>`,
  `<form action="${BEACON}/form"><button autofocus>x</button></form>`,
  `<meta http-equiv="refresh" content="0;url=${BEACON}/refresh"><base href="${BEACON}/">`,
  `<math><mtext><table><mglyph><style><img src="${BEACON}/mxss" onerror="globalThis.hacked = 'mxss'">`,
  `<details open ontoggle="globalThis.hacked = 'toggle'">x</details>`,
  `<a href="javascript:globalThis.hacked='href'">html link</a>`,
  `<p style="background: url(${BEACON}/style-attribute)">x</p>`,
  `![beacon](${BEACON}/markdown-image)`,
  `![beacon][ref]\n\n[ref]: ${BEACON}/reference-image`,
  `[![nested](${BEACON}/nested)](${BEACON}/outer)`,
  `![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)`,
  `[command](command:workbench.action.terminal.new)`,
  `[vscode](vscode://settings/x) [insiders](vscode-insiders://x) [file](file:///etc/passwd)`,
  `[script](javascript:globalThis.hacked='markdown') [data](data:text/html,<script>1</script>)`,
  `[spaced](java\nscript:globalThis.hacked='spaced') [entity](&#106;avascript:globalThis.hacked='entity')`,
  `<javascript:globalThis.hacked='auto'> <command:foo>`,
  '```mermaid\ngraph TD; A-->B; click A href "javascript:globalThis.hacked=1"\n```',
  `\`\`\`html\n<img src="${BEACON}/fence" onerror="globalThis.hacked = 'fence'">\n\`\`\``,
  '```"><img src=x onerror=globalThis.hacked=1>\nx\n```',
  `| <img src="${BEACON}/cell"> |\n|---|\n| <script>globalThis.hacked = 'cell'</script> |`,
];

describe('what hostile agents write into the chat', () => {
  const test = withChat();
  const page = () => test.chat.page;
  const hacked = () => page().evaluate(() => (globalThis as unknown as { hacked?: string }).hacked);

  /** Opens every row that is closed. */
  const openAll = async () => {
    const closed = page().locator('.row[aria-expanded=false]');
    while ((await closed.count()) > 0) {
      const row = await closed.first().elementHandle();
      await row.click();
      // Else it would be pressed again before it is drawn, and closed.
      await until(async () => (await row.getAttribute('aria-expanded')) === 'true');
    }
  };

  it('is text: nothing runs, nothing is loaded, no link acts', async () => {
    const run = await test.host.beginTask(HOSTILE.join('\n'));
    await test.host.emit(run, ...begun);
    // As it streams every half of it is seen as well.
    for (const [index, text] of HOSTILE.entries()) {
      for (let at = 0; at < text.length; at += 7)
        await test.host.emit(run, say(String(index), text.slice(at, at + 7)));
    }
    await test.host.emit(run, say('last', 'All is written.'));
    await page().getByText('All is written.').waitFor();
    const elements = await page()
      .locator('.timeline')
      .evaluate((timeline) => {
        const all = (
          timeline as unknown as { querySelectorAll(selector: string): Iterable<Element> }
        ).querySelectorAll('*');
        interface Element {
          tagName: string;
          attributes: Iterable<{ name: string }>;
        }
        return [...all].map(
          ({ tagName, attributes }) =>
            [tagName.toLowerCase(), [...attributes].map(({ name }) => name)] as const,
        );
      });
    for (const [name, attributes] of elements) {
      assert.doesNotMatch(
        name,
        /^(img|image|script|iframe|link|style|object|embed|video|audio|form|meta|base|math|details)$/,
      );
      for (const attribute of attributes)
        assert.doesNotMatch(attribute, /^(on|href$|src|srcdoc$|style$|action$|xlink)/, name);
    }
    for (const word of ['command', 'vscode', 'script', 'html link', 'spaced', 'entity', 'data']) {
      const found = page().locator('.markdown').getByText(word, { exact: false });
      for (const each of await found.all())
        await each.click({ force: true, timeout: 2000 }).catch(() => undefined);
    }
    assert.equal(await hacked(), undefined);
    const opened = test.host.of('open-link').map(({ href }) => href);
    assert.ok(
      opened.every((href) => href.startsWith('http://127.0.0.1:9/')),
      opened.join(),
    );
    assert.equal(page().url().startsWith('http://127.0.0.1:'), true);
    assert.equal(page().context().pages().length, 1);
  });

  it('is text in every other place too: names, titles, inputs, results, questions, paths, errors, prompts', async () => {
    const evil = `<img src="${BEACON}/x" onerror="globalThis.hacked = 'x'">\u202e`;
    const run = await test.host.beginTask(evil);
    await test.host.emit(
      run,
      { type: 'phase', phase: 'running' },
      agent({ kind: 'session', agent: evil, model: evil }),
      agent({ kind: 'thinking', id: '1', delta: evil }),
      agent({ kind: 'tool', id: 'a', name: evil }),
      agent({ kind: 'tool-call', id: 'a', name: evil, title: evil, input: { [evil]: evil } }),
      agent({ kind: 'tool-result', id: 'a', outcome: 'failed', text: evil }),
      agent({ kind: 'todos', items: [{ text: evil, state: 'active' }] }),
      agent({ kind: 'retry', attempt: 1, delayMs: 1, reason: evil }),
      agent({ kind: 'message', id: 'm', text: evil, when: 'now' }),
      agent({
        kind: 'question',
        id: 'q',
        header: evil,
        text: evil,
        options: [{ label: evil, description: evil }],
        multiple: false,
        free: true,
      }),
      { type: 'notice', code: 'x', message: evil },
    );
    await page().locator('.todos').waitFor();
    await openAll();
    await page().locator('.todos-list').waitFor();
    await test.host.emit(
      run,
      { type: 'output', stream: 'stderr', program: 'check', text: evil },
      { type: 'check', command: evil, passed: false, error: { code: 'x', message: evil } },
      { type: 'execution', path: 'a<img src=x>.py', language: evil, exitCode: 1 },
      completed,
    );
    await test.host.stand(run, {
      state: 'lost',
      error: { code: 'x', message: evil, fix: evil, remedies: [{ id: 'x', label: evil }] },
    });
    await test.host.post({
      type: 'changes',
      runId: run,
      files: [{ path: 'a<img src=x>\u202e.py', operation: 'create', decision: 'open', guarded: evil }],
    });
    await page().locator('.error', { hasText: 'onerror' }).waitFor();
    await openAll();
    await test.host.post({ type: 'show', what: 'sessions' });
    await page().locator('.sessions').waitFor();
    assert.equal(await page().locator('img').count(), 0);
    assert.equal(await hacked(), undefined);
    // What is approved shows every character.
    await until(async () => (await page().locator('.question').innerText()).includes('⟨U+202E⟩'));
    assert.doesNotMatch(await page().locator('.question').innerText(), /\u202e/);
    assert.doesNotMatch(await page().locator('.changes').innerText(), /\u202e/);
  });

  it('is seen where it is hidden in code that can be run', async () => {
    const run = await test.host.beginTask('Code');
    await test.host.emit(
      run,
      ...begun,
      say('1', '```python\nif x: #\u202e } begin\u2066\n    pass\n```\n'),
      completed,
    );
    const code = page().locator('.fence .code');
    await code.locator('.hljs-keyword').first().waitFor();
    assert.match(await code.innerText(), /if x: #⟨U\+202E⟩ } begin⟨U\+2066⟩/);
  });
});
