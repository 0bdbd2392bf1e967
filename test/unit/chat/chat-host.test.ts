import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChatHost } from '../../../src/editor/chat/chat-host.ts';
import type { PageConnection } from '../../../src/editor/chat/page-connection.ts';
import { toPageSchema, type ToHostBody, type ToPage } from '../../../src/protocol/chat.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { CHOSEN } from '../../support/chat/fake-host.ts';
import { begun, completed, say, USAGE } from '../../support/chat/script.ts';
import { FakeBackend, FakeMemento } from './fake-backend.ts';

type Of<Type extends ToPage['type']> = Extract<ToPage, { type: Type }>;

/** A page as the host sees it: what it was told, and a way to ask. */
class FakePage {
  readonly told: ToPage[] = [];
  readonly connection: PageConnection;
  #id = 0;

  constructor(host: ChatHost) {
    this.connection = host.connect((message) => {
      this.told.push(toPageSchema.parse(message));
      return Promise.resolve();
    });
  }

  /** Asks, and gives the reply's error. */
  async ask(body: ToHostBody): Promise<Of<'reply'>['error']> {
    const id = ++this.#id;
    await this.connection.take({ ...body, id });
    const reply = this.of('reply').find((each) => each.id === id);
    assert.ok(reply, `${body.type} was never answered`);
    return reply.error;
  }

  of<Type extends ToPage['type']>(type: Type): Of<Type>[] {
    return this.told.filter((message): message is Of<Type> => message.type === type);
  }

  /** The last message of a kind that holds something, once it has come. */
  async last<Type extends ToPage['type']>(
    type: Type,
    holds: (message: Of<Type>) => boolean = () => true,
  ): Promise<Of<Type>> {
    for (let wait = 0; wait < 400; wait++) {
      const found = this.of(type).findLast(holds);
      if (found !== undefined) return found;
      await sleep(5);
    }
    throw new Error(`Never told: ${type}. Told: ${JSON.stringify(this.told).slice(0, 2000)}`);
  }
}

const submit = (prompt: string, session: string | null = null): ToHostBody => ({
  type: 'submit',
  session,
  prompt,
  chosen: CHOSEN,
});

describe('the chat’s end in the editor', () => {
  let backend: FakeBackend;
  let memento: FakeMemento;
  let host: ChatHost;
  let runs = 0;
  const newRunId = () => `r_${String(++runs).padStart(32, '0')}`;
  const hosts: ChatHost[] = [];
  const begin = () => {
    host = new ChatHost({ backend, memento, newRunId });
    hosts.push(host);
  };
  const open = () => {
    begin();
    return new FakePage(host);
  };

  beforeEach(() => {
    backend = new FakeBackend();
    memento = new FakeMemento();
  });

  afterEach(() => {
    for (const each of hosts.splice(0)) each.dispose();
  });

  /** A page with a task that was sent. */
  async function withTask(): Promise<{ page: FakePage; runId: string; session: string }> {
    backend.onStart = ({ runId }) => {
      backend.emit(runId, ...begun);
      return Promise.resolve();
    };
    const page = open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    const { id, runs: entries } = await page.last('session', ({ id }) => id !== null);
    const runId = entries[0]?.runId ?? '';
    await page.last('events', (message) => message.runId === runId);
    return { page, runId, session: id ?? '' };
  }

  it('tells a new page everything: how things stand, the session, its runs from their first event on', async () => {
    const { runId, session } = await withTask();
    backend.emit(runId, say('1', 'Hello'), completed);
    const again = new FakePage(host);
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
    const { page, runId } = await withTask();
    page.told.length = 0;
    backend.emit(runId, say('1', 'meanwhile'));
    await page.ask({ type: 'ready' });
    const { after, events } = await page.last('events');
    assert.deepEqual([after, events.length], [0, begun.length + 1]);
    assert.equal(page.of('session').length, 1);
  });

  it('follows nothing for a page that is not shown', async () => {
    const { page, runId } = await withTask();
    page.connection.sleep();
    const told = page.told.length;
    backend.emit(runId, say('1', 'unseen'), completed);
    backend.change();
    await sleep(150);
    assert.equal(page.told.length, told);
  });

  it('takes up the session that was shown last, after a reload of the window', async () => {
    const { session } = await withTask();
    host.dispose();
    memento = memento.again();
    const page = open();
    await page.ask({ type: 'ready' });
    assert.equal((await page.last('session')).id, session);
  });

  it('shows a task from the press of the key on, with what is done for it', async () => {
    let step: (doing: string) => void = () => undefined;
    let finish: () => void = () => undefined;
    backend.onStart = ({ runId }, { onStep }) => {
      step = onStep;
      backend.emit(runId, ...begun);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const page = open();
    await page.ask({ type: 'ready' });
    assert.equal(await page.ask(submit('do it')), undefined);
    step('Reading 12 files');
    await page.last(
      'standing',
      ({ standing }) => standing.state === 'preparing' && standing.doing === 'Reading 12 files',
    );
    assert.equal(page.of('events').length, 0);
    finish();
    await page.last('standing', ({ standing }) => standing.state === 'following');
    await page.last('events');
  });

  it('gives the prompt back when the user wants no more of it', async () => {
    backend.onStart = (_task, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const page = open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    const { runs: entries } = await page.last('session', ({ id }) => id !== null);
    await page.ask({ type: 'stop', runId: entries[0]?.runId ?? '' });
    assert.equal((await page.last('draft')).text, 'do it');
    await page.last('session', ({ id }) => id === null);
    assert.deepEqual(backend.asked, []);
  });

  it('keeps what could not be sent, with why, and sends it again or gives it back', async () => {
    backend.onStart = () =>
      Promise.reject(new OffloadError('no-access', 'There is no key.', { fix: 'Set one.' }));
    const page = open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    const { standing } = await page.last('standing', (each) => each.standing.state === 'unsent');
    assert.ok(standing.state === 'unsent' && standing.error);
    assert.deepEqual(
      [standing.error.message, standing.error.fix, standing.error.remedies.map(({ label }) => label)],
      ['There is no key.', 'Set one.', ['Send Again', 'Edit Prompt', 'Mend no-access']],
    );
    backend.onStart = ({ runId }) => {
      backend.emit(runId, ...begun);
      return Promise.resolve();
    };
    await page.ask({ type: 'remedy', remedy: standing.error.remedies[0]?.id ?? '' });
    await page.last('events');
    const [session] = (await page.last('state', ({ sessions }) => sessions.length === 1)).sessions;
    assert.equal(session?.id, backend.records[0]?.session);
    assert.equal(backend.records[0]?.task.prompt, 'do it');
  });

  it('begins another session with what cannot go on in its own', async () => {
    const { page, runId, session } = await withTask();
    backend.emit(runId, completed);
    const { onStart } = backend;
    backend.onStart = () => Promise.reject(new OffloadError('run-ended', 'Nothing is kept there.'));
    await page.ask({ type: 'submit', session, prompt: 'and then', chosen: CHOSEN });
    const { standing } = await page.last('standing', (each) => each.standing.state === 'unsent');
    assert.ok(standing.state === 'unsent' && standing.error);
    const labels = standing.error.remedies.map(({ label }) => label);
    assert.deepEqual(labels, ['Begin New Task', 'Edit Prompt', 'Mend run-ended']);
    backend.onStart = onStart;
    await page.ask({ type: 'remedy', remedy: standing.error.remedies[0]?.id ?? '' });
    await page.last('session', ({ id }) => id !== null && id !== session);
    await page.last('state', ({ sessions }) => sessions.length === 2);
    assert.deepEqual(
      backend.records.map(({ task }) => task.prompt),
      ['do it', 'and then'],
    );
    assert.notEqual(backend.records[1]?.session, session);
  });

  it('has tasks go where the window’s go, and chooses for all of it', async () => {
    const page = open();
    await page.ask({ type: 'ready' });
    await page.ask({ type: 'choose', chosen: { ...CHOSEN, target: 'lambda/x' } });
    assert.equal(backend.target, 'lambda/x');
    backend.target = 'local';
    backend.change();
    await page.last('state', ({ chosen }) => chosen.target === 'local');
  });

  it('remembers what was never sent when the window was closed', async () => {
    backend.onStart = () => new Promise(() => undefined);
    const page = open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    await page.last('standing');
    memento = memento.again();
    const later = open();
    await later.ask({ type: 'ready' });
    const { standing } = await later.last('standing');
    assert.ok(standing.state === 'unsent' && standing.error);
    assert.match(standing.error.message, /closed before this was sent/);
    const edit = standing.error.remedies.find(({ label }) => label === 'Edit Prompt');
    await later.ask({ type: 'remedy', remedy: edit?.id ?? '' });
    assert.equal((await later.last('draft')).text, 'do it');
    assert.equal((await later.last('session', ({ runs: left }) => left.length === 0)).id, null);
  });

  it('goes on in a session, and makes a message to an agent that has just ended its next task', async () => {
    const { page, runId, session } = await withTask();
    backend.emit(runId, completed);
    backend.onMessage = () => Promise.reject(new OffloadError('run-ended', 'It has ended.'));
    assert.equal(await page.ask({ type: 'message', runId, text: 'and then', when: 'now' }), undefined);
    const { runs: entries } = await page.last('session', (message) => message.runs.length === 2);
    assert.deepEqual(
      entries.map((entry) => entry.kind === 'task' && entry.prompt),
      ['do it', 'and then'],
    );
    await page.last('events', (message) => message.runId === entries[1]?.runId);
    assert.deepEqual(
      backend.records.map((each) => each.session),
      [session, session],
    );
  });

  it('passes on what the page asks about a run', async () => {
    const { page, runId } = await withTask();
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
    assert.deepEqual(backend.asked, [
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

  for (const [what, message] of [
    ['a command link', { type: 'open-link', id: 9, href: 'command:workbench.action.quit' }],
    ['a path out of the workspace', { type: 'open-file', id: 9, runId: `r_${'0'.repeat(32)}`, path: '../x' }],
    ['an empty prompt', { type: 'submit', id: 9, session: null, prompt: ' ', chosen: CHOSEN }],
    ['a run that is none', { type: 'stop', id: 9, runId: 'x' }],
    ['a message that it does not know', { type: 'eval', id: 9, code: 'x' }],
    ['a field more', { type: 'new-session', id: 9, more: true }],
  ] as const) {
    it(`refuses ${what}, does nothing, and says why`, async () => {
      const page = open();
      await page.ask({ type: 'ready' });
      await page.connection.take(message);
      const [reply] = page.of('reply').filter(({ id }) => id === 9);
      assert.equal(reply?.error?.code, 'bad-request');
      assert.deepEqual(backend.asked, []);
      assert.deepEqual(backend.records, []);
    });
  }

  it('refuses a prompt of 5 MB with what can be done, remembers nothing of it, and works on', async () => {
    const { page, runId } = await withTask();
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
    assert.equal(backend.records.length, 1);
    assert.ok(JSON.stringify(memento.get('offload.chat')).length < 10_000);
    backend.emit(runId, completed);
    assert.equal(await page.ask(submit('shorter')), undefined);
  });

  it('deletes a session when the user has said so, and keeps it when not', async () => {
    const { page, runId, session } = await withTask();
    backend.emit(runId, completed);
    const title = (await page.last('state', ({ sessions }) => sessions.length === 1)).sessions[0]?.title;
    backend.onRemove = () => Promise.reject(new DOMException('no', 'AbortError'));
    assert.equal(await page.ask({ type: 'delete-session', session }), undefined);
    assert.equal(page.of('session').at(-1)?.id, session);
    backend.onRemove = () => {
      backend.records.length = 0;
      return Promise.resolve();
    };
    assert.equal(await page.ask({ type: 'delete-session', session }), undefined);
    assert.equal(page.of('session').at(-1)?.id, null);
    assert.deepEqual(backend.asked, Array(2).fill(['remove', session, title]));
  });

  it('takes what is no message at all for nothing', async () => {
    const page = open();
    for (const raw of [null, 'x', 7, [], {}]) await page.connection.take(raw);
    assert.deepEqual(page.told, []);
    assert.equal(backend.logged.length, 5);
  });

  it('says what a failed run died of, and offers what helps', async () => {
    const { page, runId } = await withTask();
    const error = { code: 'budget-reached', message: 'The budget is used up.' };
    backend.emit(runId, { type: 'failed', error, usage: USAGE });
    const { standing } = await page.last('standing', (each) => each.standing.state === 'ended');
    assert.ok(standing.state === 'ended');
    assert.deepEqual(
      standing.error?.remedies.map(({ label }) => label),
      ['Mend budget-reached'],
    );
  });

  it('says when a run can no longer be followed, and looks again', async () => {
    const { runId } = await withTask();
    const known = backend.events.get(runId) ?? [];
    backend.events.delete(runId);
    const page = new FakePage(host);
    await page.ask({ type: 'ready' });
    const { standing } = await page.last('standing', (each) => each.standing.state === 'lost');
    assert.ok(standing.state === 'lost');
    backend.events.set(runId, known);
    const again = standing.error.remedies.find(({ label }) => label === 'Look Again');
    await page.ask({ type: 'remedy', remedy: again?.id ?? '' });
    await page.last('events');
  });

  it('tells what was decided about changes, when the run has been dealt with and whenever that changes', async () => {
    const { page, runId } = await withTask();
    const file = { path: 'a.txt', operation: 'create', decision: 'open' } as const;
    backend.emit(
      runId,
      { type: 'change', path: 'a.txt', operation: 'create', mode: 0o644, size: 1 },
      completed,
    );
    await page.last('standing', (each) => each.standing.state === 'ended');
    assert.deepEqual(page.of('changes'), []);
    backend.reviewed.set(runId, [file]);
    backend.change();
    assert.deepEqual((await page.last('changes')).files, [file]);
    backend.reviewed.set(runId, [{ ...file, decision: 'accepted' }]);
    backend.change();
    await page.last('changes', ({ files }) => files[0]?.decision === 'accepted');
  });

  it('runs a code block, and knows where it stood after a reload', async () => {
    const { page, runId, session } = await withTask();
    const place = { runId, block: 'text:1', fence: 0 };
    await page.ask({ type: 'run-code', session, place, language: 'python', code: 'print(1)' });
    assert.deepEqual(backend.asked.at(-1), ['runCode', { language: 'python', code: 'print(1)', place }]);
    memento = memento.again();
    const later = open();
    await later.ask({ type: 'ready' });
    const { runs: entries } = await later.last('session');
    const code = entries.find(({ kind }) => kind === 'code');
    assert.deepEqual(code?.kind === 'code' && code.place, place);
    await later.last('events', (message) => message.runId === code?.runId);
  });

  it('sends the events again that a page has missed', async () => {
    const { page, runId } = await withTask();
    await page.ask({ type: 'replay', runId, after: 2 });
    const { events } = await page.last('events', ({ after }) => after === 2);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      begun.map((_, at) => at + 1).slice(2),
    );
  });

  it('shows signs of life, but not each of them', async () => {
    const { page } = await withTask();
    await page.last('alive');
    assert.equal(page.of('alive').length, 1);
  });

  it('says that a workspace is not trusted', async () => {
    backend.trusted = false;
    const page = open();
    await page.ask({ type: 'ready' });
    const { obstacle } = await page.last('state');
    assert.equal(obstacle?.code, 'untrusted');
  });

  it('tells an earlier page nothing more', async () => {
    const { page, runId } = await withTask();
    const next = new FakePage(host);
    await next.ask({ type: 'ready' });
    const told = page.told.length;
    backend.emit(runId, say('1', 'x'));
    await next.last('events', ({ last }) => last === begun.length + 1);
    assert.equal(page.told.length, told);
  });

  it('shows what was wanted before there was a page', async () => {
    begin();
    await host.reveal('sessions');
    const page = new FakePage(host);
    assert.deepEqual(page.told, []);
    await page.ask({ type: 'ready' });
    assert.equal((await page.last('show')).what, 'sessions');
    await page.ask({ type: 'ready' });
    assert.equal(page.of('show').length, 1, 'once, and not each time that the view is shown');
  });
});
