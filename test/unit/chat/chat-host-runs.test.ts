import assert from 'node:assert/strict';
import { completed, USAGE } from '../../support/chat/script.ts';
import { withChatHost } from './chat-host-suite.ts';
import { FakePage } from './fake-page.ts';

describe('the chat’s end in the editor, following runs', () => {
  const test = withChatHost();

  it('says what a failed run died of, and offers what helps', async () => {
    const { page, runId } = await test.withTask();
    const error = { code: 'budget-reached', message: 'The budget is used up.' };
    test.backend.emit(runId, { type: 'failed', error, usage: USAGE });
    const { standing } = await page.last('standing', (each) => each.standing.state === 'ended');
    assert.ok(standing.state === 'ended');
    assert.deepEqual(
      standing.error?.remedies.map(({ label }) => label),
      ['Mend budget-reached'],
    );
  });

  it('says when a run can no longer be followed, and looks again', async () => {
    const { runId } = await test.withTask();
    const known = test.backend.events.get(runId) ?? [];
    test.backend.events.delete(runId);
    const page = new FakePage(test.host);
    await page.ask({ type: 'ready' });
    const { standing } = await page.last('standing', (each) => each.standing.state === 'lost');
    assert.ok(standing.state === 'lost');
    test.backend.events.set(runId, known);
    const again = standing.error.remedies.find(({ label }) => label === 'Look Again');
    await page.ask({ type: 'remedy', remedy: again?.id ?? '' });
    await page.last('events');
  });

  it('tells what was decided about changes, when the run has been dealt with and whenever that changes', async () => {
    const { page, runId } = await test.withTask();
    const file = { path: 'a.txt', operation: 'create', decision: 'open' } as const;
    test.backend.emit(
      runId,
      { type: 'change', path: 'a.txt', operation: 'create', mode: 0o644, size: 1 },
      completed,
    );
    await page.last('standing', (each) => each.standing.state === 'ended');
    assert.deepEqual(page.of('changes'), []);
    test.backend.reviewed.set(runId, [file]);
    test.backend.change();
    assert.deepEqual((await page.last('changes')).files, [file]);
    test.backend.reviewed.set(runId, [{ ...file, decision: 'accepted' }]);
    test.backend.change();
    await page.last('changes', ({ files }) => files[0]?.decision === 'accepted');
  });

  it('runs a code block, and knows where it stood after a reload', async () => {
    const { page, runId, session } = await test.withTask();
    const place = { runId, block: 'text:1', fence: 0 };
    await page.ask({ type: 'run-code', session, place, language: 'python', code: 'print(1)' });
    assert.deepEqual(test.backend.asked.at(-1), ['runCode', { language: 'python', code: 'print(1)', place }]);
    test.memento = test.memento.again();
    const later = test.open();
    await later.ask({ type: 'ready' });
    const { runs: entries } = await later.last('session');
    const code = entries.find(({ kind }) => kind === 'code');
    assert.deepEqual(code?.kind === 'code' && code.place, place);
    await later.last('events', (message) => message.runId === code?.runId);
  });
});
