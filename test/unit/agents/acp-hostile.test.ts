import assert from 'node:assert/strict';
import { withHostile, withScripted } from '../../support/acp-agent/scripted-session.ts';
import type { AgentSession } from '../../support/agents/agent-session.ts';

describe('a program that does not speak the Agent Client Protocol as it should', () => {
  let session: AgentSession;

  afterEach(async () => {
    await session.dispose();
  });

  const failedWith = async (message: RegExp): Promise<void> => {
    const end = await session.turn();
    assert(end.outcome === 'failed', JSON.stringify(end));
    assert.equal(end.error.code, 'agent-failed');
    assert.match(end.error.message, message);
    assert.equal(session.turns.length, 1);
  };

  it('is understood so far as it does, and nothing of the rest is written into the log', async (): Promise<void> => {
    const logged: unknown[] = [];
    const { error } = console;
    console.error = (...what: unknown[]) => void logged.push(what);
    try {
      session = await withHostile('garbage');
      assert.deepEqual(await session.turn(), { outcome: 'done', text: 'Done.' });
    } finally {
      console.error = error;
    }
    assert.deepEqual(logged, []);
    assert.deepEqual(
      session.items.map(({ kind }) => kind),
      ['session', 'text'],
    );
  });

  it('is given up when its line has no end', async () => {
    session = await withHostile('endless-line');
    await failedWith(/a line of more than 64 MB/);
  });

  it('is given up when it says nothing', async () => {
    session = await withHostile('silent', {}, { patience: { openingMs: 300 } });
    await failedWith(/did not open a conversation/);
  });

  it('is given up when its answers are none', async () => {
    session = await withHostile('wrong-answers');
    await failedWith(/does not answer as the Agent Client Protocol has it/);
  });

  it('is given up when it uses tools without end', async () => {
    session = await withHostile('tools');
    await failedWith(/more than 1000 tools/);
    assert.equal(session.of('tool').length, 1000);
  });

  it('is read no further when it reads no answers, and can be ended', async () => {
    session = await withHostile('asking', {}, { patience: { stoppingMs: 300 } });
    await session.item('session');
    session.interrupt();
    await failedWith(/did not stop/);
  });

  it('is given up when it does not stop', async () => {
    session = await withHostile('deaf', {}, { patience: { stoppingMs: 300 } });
    await session.item('session');
    session.interrupt();
    await failedWith(/did not stop/);
    session.send('and now?');
    session.interrupt();
    assert.equal(session.turns.length, 1);
  });

  it('is not heard between its turns', async () => {
    session = await withHostile('late');
    await session.turn();
    assert.equal(await session.end(), 0);
    assert.equal(session.said, 'Done.');
    assert.equal(session.reports.at(-1)?.type, 'turn');
  });

  it('is heard to its last word, when it leaves after that', async () => {
    session = await withHostile('leaving');
    assert.equal(await session.ended, 0);
    assert.deepEqual(session.turns, [{ outcome: 'done', text: 'Done.' }]);
  });

  it('ends by itself: that is told by its end', async () => {
    session = await withScripted({ turns: [[{ exit: 0 }]] });
    assert.equal(await session.ended, 0);
    assert.deepEqual(session.turns, []);
  });
});
