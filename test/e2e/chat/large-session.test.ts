import assert from 'node:assert/strict';
import type { EventBody } from '../../../src/protocol/event.ts';
import { begun, say, tool } from '../../support/chat/script.ts';
import { until, withChat } from './support.ts';

/** About ten thousand events: texts in parts, tool uses with output, code. */
function manyEvents(): EventBody[] {
  const events: EventBody[] = [];
  for (let turn = 0; events.length < 10_000; turn++) {
    for (let part = 0; part < 12; part++) {
      events.push(
        say(
          `t${String(turn)}`,
          part === 5 ? '\n\n```js\nlet x = 1;\n```\n\n' : `turn ${String(turn)} part ${String(part)} `,
        ),
      );
    }
    for (let use = 0; use < 4; use++) {
      events.push(
        ...tool(
          `u${String(turn)}-${String(use)}`,
          'Bash',
          `Run step ${String(turn)}.${String(use)}`,
          {},
          'x\n'.repeat(50),
        ),
      );
    }
  }
  return events;
}

describe('a session of ten thousand events', () => {
  const test = withChat();
  const page = () => test.chat.page;

  it('is restored whole, goes on streaming, and takes keys while it does', async () => {
    const events = manyEvents();
    const run = await test.host.beginTask('A long one');
    await test.host.emit(run, ...begun, ...events);
    const last = events.findLast((event) => event.type === 'agent' && event.item.kind === 'tool-call');
    assert.ok(last?.type === 'agent' && last.item.kind === 'tool-call');
    const what = last.item.title.replace(/^Run /, '');
    await page().getByText(what, { exact: true }).first().waitFor();
    await page().reload();
    await page().getByText(what, { exact: true }).first().waitFor();
    assert.equal(await page().locator('.blocks > *').count(), Math.ceil(events.length / 24) * 5);
    // Every word comes by itself, and each key in between is taken.
    const typed = 'typed while it streams';
    await page().locator('#prompt textarea').focus();
    for (let index = 0; index < typed.length; index++) {
      await test.host.emit(run, say('end', `word${String(index)} `));
      await page().keyboard.type(typed.charAt(index));
    }
    await until(async () => (await page().locator('#prompt textarea').inputValue()) === typed);
    await page()
      .getByText(`word${String(typed.length - 1)}`)
      .waitFor();
  });

  it('draws with a word that comes no more than that word', async () => {
    const events = manyEvents();
    const run = await test.host.beginTask('A long one');
    await test.host.emit(run, ...begun, ...events, say('end', 'first '));
    await page().getByText('first', { exact: true }).waitFor();
    await page()
      .locator('#conversation')
      .evaluate((conversation) => {
        interface Change {
          target: { parentElement: { closest(selector: string): unknown } | null };
        }
        const global = globalThis as unknown as {
          MutationObserver: new (report: (changes: Change[]) => void) => {
            observe(node: unknown, options: object): void;
          };
          drawn: number;
        };
        global.drawn = 0;
        const blocks = conversation as unknown as { querySelectorAll(selector: string): ArrayLike<object> };
        const all = blocks.querySelectorAll('.blocks > *');
        const lastBlock = all[all.length - 1] as { contains(node: unknown): boolean };
        new global.MutationObserver((changes) => {
          global.drawn += changes.filter(({ target }) => !lastBlock.contains(target)).length;
        }).observe(conversation, { subtree: true, childList: true, characterData: true, attributes: true });
      });
    for (let index = 0; index < 20; index++) await test.host.emit(run, say('end', `more${String(index)} `));
    await page().getByText('more19').waitFor();
    assert.equal(await page().evaluate(() => (globalThis as unknown as { drawn: number }).drawn), 0);
  });
});
