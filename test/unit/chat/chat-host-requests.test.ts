import assert from 'node:assert/strict';
import { CHOSEN } from '../../support/chat/fake-host.ts';
import { completed } from '../../support/chat/script.ts';
import { submit, withChatHost } from './chat-host-suite.ts';

describe('the chat’s end in the editor, asked by its page', () => {
  const test = withChatHost();

  it('passes on what the page asks about a run', async () => {
    const { page, runId } = await test.withTask();
    await page.ask({ type: 'message', runId, text: 'faster', when: 'next' });
    await page.ask({ type: 'answer', runId, question: 'q', chosen: ['Yes'], text: 'but carefully' });
    await page.ask({ type: 'interrupt', runId });
    await page.ask({ type: 'stop', runId });
    await page.ask({ type: 'review', runId });
    await page.ask({ type: 'accept', runId, path: 'a.txt' });
    await page.ask({ type: 'discard', runId });
    await page.ask({ type: 'open-file', runId, path: 'a.txt', line: 3 });
    await page.ask({ type: 'open-whole', runId, part: { tool: 't' } });
    await page.ask({ type: 'open-link', href: 'https://e.example' });
    await page.ask({ type: 'copy', text: 'x' });
    assert.deepEqual(test.backend.asked, [
      ['message', runId, 'faster', 'next'],
      ['answer', runId, 'q', { chosen: ['Yes'], text: 'but carefully' }],
      ['interrupt', runId],
      ['stop', runId],
      ['review', runId, undefined],
      ['accept', runId, 'a.txt'],
      ['discard', runId, undefined],
      ['openFile', runId, 'a.txt', 3],
      ['openWhole', runId, { tool: 't' }],
      ['openLink', 'https://e.example'],
      ['copy', 'x'],
    ]);
  });

  it('refuses a prompt of 5 MB with what can be done, remembers nothing of it, and works on', async () => {
    const { page, runId } = await test.withTask();
    const long = 'x'.repeat(5 << 20);
    const refused = [
      await page.ask(submit(long)),
      await page.ask({ type: 'message', runId, text: long, when: 'now' }),
      await page.ask({ type: 'answer', runId, question: 'q', chosen: [], text: long }),
    ];
    for (const error of refused) {
      assert.equal(error?.code, 'too-large');
      assert.match(error.message, /takes 5 MB; 1 MB can be sent/);
      assert.match(error.fix ?? '', /Put long material into files of the workspace/);
    }
    assert.equal(test.backend.records.length, 1);
    assert.ok(JSON.stringify(test.memento.get('offload.chat')).length < 10_000);
    test.backend.emit(runId, completed);
    assert.equal(await page.ask(submit('shorter')), undefined);
  });

  it('deletes a session when the user has said so, and keeps it when not', async () => {
    const { page, runId, session } = await test.withTask();
    test.backend.emit(runId, completed);
    const title = (await page.last('state', ({ sessions }) => sessions.length === 1)).sessions[0]?.title;
    test.backend.onRemove = () => Promise.reject(new DOMException('no', 'AbortError'));
    assert.equal(await page.ask({ type: 'delete-session', session }), undefined);
    assert.equal(page.of('session').at(-1)?.id, session);
    test.backend.onRemove = () => {
      test.backend.records.length = 0;
      return Promise.resolve();
    };
    assert.equal(await page.ask({ type: 'delete-session', session }), undefined);
    assert.equal(page.of('session').at(-1)?.id, null);
    assert.deepEqual(test.backend.asked, Array(2).fill(['remove', session, title]));
  });

  it('takes what is no message at all for nothing', async () => {
    const page = test.open();
    for (const raw of [null, 'x', 7, [], {}]) await page.connection.take(raw);
    assert.deepEqual(page.told, []);
    assert.equal(test.backend.logged.length, 5);
  });

  for (const [what, message] of [
    ['a command link', { type: 'open-link', id: 9, href: 'command:workbench.action.quit' }],
    ['a path out of the workspace', { type: 'open-file', id: 9, runId: `r_${'0'.repeat(32)}`, path: '../x' }],
    ['an empty prompt', { type: 'submit', id: 9, session: null, prompt: ' ', chosen: CHOSEN }],
    ['a run that is none', { type: 'stop', id: 9, runId: 'x' }],
    ['a message that it does not know', { type: 'eval', id: 9, code: 'x' }],
    ['a field more', { type: 'new-session', id: 9, more: true }],
  ] as const) {
    it(`refuses ${what}, does nothing, and says why`, async () => {
      const page = test.open();
      await page.ask({ type: 'ready' });
      await page.connection.take(message);
      const [reply] = page.of('reply').filter(({ id }) => id === 9);
      assert.equal(reply?.error?.code, 'bad-request');
      assert.deepEqual(test.backend.asked, []);
      assert.deepEqual(test.backend.records, []);
    });
  }
});
