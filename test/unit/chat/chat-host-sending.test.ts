import assert from 'node:assert/strict';
import { OffloadError } from '../../../src/protocol/error.ts';
import { CHOSEN } from '../../support/chat/fake-host.ts';
import { begun, completed } from '../../support/chat/script.ts';
import { submit, withChatHost } from './chat-host-suite.ts';

describe('the chat’s end in the editor, where a task is sent', () => {
  const test = withChatHost();

  it('shows a task from the press of the key on, with what is done for it', async () => {
    let step: (doing: string) => void = () => undefined;
    let finish: () => void = () => undefined;
    test.backend.onStart = ({ runId }, { onStep }) => {
      step = onStep;
      test.backend.emit(runId, ...begun);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const page = test.open();
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
    test.backend.onStart = (_task, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const page = test.open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    const { runs: entries } = await page.last('session', ({ id }) => id !== null);
    await page.ask({ type: 'stop', runId: entries[0]?.runId ?? '' });
    assert.equal((await page.last('draft')).text, 'do it');
    await page.last('session', ({ id }) => id === null);
    assert.deepEqual(test.backend.asked, []);
  });

  it('keeps what could not be sent, with why, and sends it again or gives it back', async () => {
    test.backend.onStart = () =>
      Promise.reject(new OffloadError('no-access', 'There is no key.', { fix: 'Set one.' }));
    const page = test.open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    const { standing } = await page.last('standing', (each) => each.standing.state === 'unsent');
    assert.ok(standing.state === 'unsent' && standing.error);
    assert.deepEqual(
      [standing.error.message, standing.error.fix, standing.error.remedies.map(({ label }) => label)],
      ['There is no key.', 'Set one.', ['Send Again', 'Edit Prompt', 'Mend no-access']],
    );
    test.backend.onStart = ({ runId }) => {
      test.backend.emit(runId, ...begun);
      return Promise.resolve();
    };
    await page.ask({ type: 'remedy', remedy: standing.error.remedies[0]?.id ?? '' });
    await page.last('events');
    const [session] = (await page.last('state', ({ sessions }) => sessions.length === 1)).sessions;
    assert.equal(session?.id, test.backend.records[0]?.session);
    assert.equal(test.backend.records[0]?.task.prompt, 'do it');
  });

  it('begins another session with what cannot go on in its own', async () => {
    const { page, runId, session } = await test.withTask();
    test.backend.emit(runId, completed);
    const { onStart } = test.backend;
    test.backend.onStart = () => Promise.reject(new OffloadError('run-ended', 'Nothing is kept there.'));
    await page.ask({ type: 'submit', session, prompt: 'and then', chosen: CHOSEN });
    const { standing } = await page.last('standing', (each) => each.standing.state === 'unsent');
    assert.ok(standing.state === 'unsent' && standing.error);
    const labels = standing.error.remedies.map(({ label }) => label);
    assert.deepEqual(labels, ['Begin New Task', 'Edit Prompt', 'Mend run-ended']);
    test.backend.onStart = onStart;
    await page.ask({ type: 'remedy', remedy: standing.error.remedies[0]?.id ?? '' });
    await page.last('session', ({ id }) => id !== null && id !== session);
    await page.last('state', ({ sessions }) => sessions.length === 2);
    assert.deepEqual(
      test.backend.records.map(({ task }) => task.prompt),
      ['do it', 'and then'],
    );
    assert.notEqual(test.backend.records[1]?.session, session);
  });

  it('remembers what was never sent when the window was closed', async () => {
    test.backend.onStart = () => new Promise(() => undefined);
    const page = test.open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    await page.last('standing');
    test.memento = test.memento.again();
    const later = test.open();
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
    const { page, runId, session } = await test.withTask();
    test.backend.emit(runId, completed);
    test.backend.onMessage = () => Promise.reject(new OffloadError('run-ended', 'It has ended.'));
    assert.equal(await page.ask({ type: 'message', runId, text: 'and then', when: 'now' }), undefined);
    const { runs: entries } = await page.last('session', (message) => message.runs.length === 2);
    assert.deepEqual(
      entries.map((entry) => entry.kind === 'task' && entry.prompt),
      ['do it', 'and then'],
    );
    await page.last('events', (message) => message.runId === entries[1]?.runId);
    assert.deepEqual(
      test.backend.records.map((each) => each.session),
      [session, session],
    );
  });

  it('has tasks go where the window’s go, and chooses for all of it', async () => {
    const page = test.open();
    await page.ask({ type: 'ready' });
    await page.ask({ type: 'choose', chosen: { ...CHOSEN, target: 'lambda/x' } });
    assert.equal(test.backend.target, 'lambda/x');
    test.backend.target = 'local';
    test.backend.change();
    await page.last('state', ({ chosen }) => chosen.target === 'local');
  });
});
