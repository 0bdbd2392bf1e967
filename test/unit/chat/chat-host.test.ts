import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { begun, completed, say } from '../../support/chat/script.ts';
import { withChatHost } from './chat-host-suite.ts';
import { FakePage } from './fake-page.ts';

describe('the chat’s end in the editor', () => {
  const test = withChatHost();

  it('tells a new page everything: how things stand, the session, its runs from their first event on', async () => {
    const { runId, session } = await test.withTask();
    test.backend.emit(runId, say('1', 'Hello'), completed);
    const again = new FakePage(test.host);
    await again.ask({ type: 'ready' });
    assert.equal((await again.last('session')).id, session);
    await again.last('standing', ({ standing }) => standing.state === 'ended');
    const events = again.of('events');
    assert.deepEqual([events[0]?.after, events.at(-1)?.last], [0, begun.length + 2]);
    assert.deepEqual(
      events.flatMap((message) => message.events.map(({ seq }) => seq)),
      [...begun, 'Hello', 'its end'].map((_, at) => at + 1),
    );
  });

  it('tells it all again to a page that VS Code has loaded anew in the same view', async () => {
    const { page, runId } = await test.withTask();
    page.told.length = 0;
    test.backend.emit(runId, say('1', 'meanwhile'));
    await page.ask({ type: 'ready' });
    const { after, events } = await page.last('events');
    assert.deepEqual([after, events.length], [0, begun.length + 1]);
    assert.equal(page.of('session').length, 1);
  });

  it('follows nothing for a page that is not shown', async () => {
    const { page, runId } = await test.withTask();
    page.connection.sleep();
    const told = page.told.length;
    test.backend.emit(runId, say('1', 'unseen'), completed);
    test.backend.change();
    await sleep(150);
    assert.equal(page.told.length, told);
  });

  it('takes up the session that was shown last, after a reload of the window', async () => {
    const { session } = await test.withTask();
    test.host.dispose();
    test.memento = test.memento.again();
    const page = test.open();
    await page.ask({ type: 'ready' });
    assert.equal((await page.last('session')).id, session);
  });

  it('sends the events again that a page has missed', async () => {
    const { page, runId } = await test.withTask();
    await page.ask({ type: 'replay', runId, after: 2 });
    const { events } = await page.last('events', ({ after }) => after === 2);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      begun.map((_, at) => at + 1).slice(2),
    );
  });

  it('shows signs of life, but not each of them', async () => {
    const { page } = await test.withTask();
    await page.last('alive');
    assert.equal(page.of('alive').length, 1);
  });

  it('says that a workspace is not trusted', async () => {
    test.backend.trusted = false;
    const page = test.open();
    await page.ask({ type: 'ready' });
    const { obstacle } = await page.last('state');
    assert.equal(obstacle?.code, 'untrusted');
  });

  it('tells an earlier page nothing more', async () => {
    const { page, runId } = await test.withTask();
    const next = new FakePage(test.host);
    await next.ask({ type: 'ready' });
    const told = page.told.length;
    test.backend.emit(runId, say('1', 'x'));
    await next.last('events', ({ last }) => last === begun.length + 1);
    assert.equal(page.told.length, told);
  });

  it('shows what was wanted before there was a page', async () => {
    test.begin();
    await test.host.reveal('sessions');
    const page = new FakePage(test.host);
    assert.deepEqual(page.told, []);
    await page.ask({ type: 'ready' });
    assert.equal((await page.last('show')).what, 'sessions');
    await page.ask({ type: 'ready' });
    assert.equal(page.of('show').length, 1, 'once, and not each time that the view is shown');
  });
});
