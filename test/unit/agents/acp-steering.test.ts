import assert from 'node:assert/strict';
import { shows, tool } from '../../support/acp-agent/steps.ts';
import { AcpTalk } from '../../support/acp-agent/talk.ts';

describe('an agent of the Agent Client Protocol is led', () => {
  const talk = new AcpTalk();

  const waits = [tool('t', { status: 'in_progress', ...shows('so far') }), { untilCancelled: true }] as const;

  it('by an interruption, which ends the turn and leaves it ready for another', async () => {
    await talk.begin({ turns: [waits, [{ say: 'Second.' }]] });
    await talk.session.item('tool-output');
    talk.session.interrupt();
    assert.deepEqual(await talk.session.turn(), { outcome: 'interrupted', text: '' });
    assert.deepEqual(talk.session.of('tool-result'), [
      { kind: 'tool-result', id: 'tool-1', outcome: 'interrupted', text: 'so far' },
    ]);
    talk.session.send('go on');
    assert.deepEqual(await talk.session.turn(2), { outcome: 'done', text: 'Second.' });
  });

  it('by a message that comes after an interruption: it goes on with that', async () => {
    await talk.begin({ turns: [waits, [{ say: 'Second.' }]] });
    await talk.session.item('tool-output');
    talk.session.interrupt();
    talk.session.send('go on');
    assert.deepEqual(await talk.session.turn(), { outcome: 'done', text: 'Second.' });
    assert.equal(talk.session.turns.length, 1);
  });

  it('by an interruption before it has begun', async () => {
    await talk.begin({ turns: [[{ say: 'never' }]] });
    talk.session.interrupt();
    assert.deepEqual(await talk.session.turn(), { outcome: 'interrupted', text: '' });
    talk.session.interrupt();
    assert.equal(await talk.session.end(), 0);
    assert.equal(talk.session.said, '');
    assert.equal(talk.session.turns.length, 1);
  });

  it('by a message in mid-turn: it is stopped, and prompted with that, in one turn', async () => {
    await talk.begin({ turns: [waits, [{ sayTold: true }]] });
    await talk.session.item('tool-output');
    talk.session.send('turn around');
    const end = await talk.session.turn();
    assert.equal(end.outcome, 'done');
    assert.equal(talk.session.turns.length, 1);
    assert.deepEqual(
      talk.told.map(({ method }) => method),
      ['initialize', 'session/new', 'session/prompt', 'session/cancel', 'session/prompt'],
    );
    assert.deepEqual(talk.prompts[1], [{ type: 'text', text: 'turn around' }]);
  });

  it('by messages in mid-turn, where it takes prompts at any time: the turn ends when all are answered', async () => {
    await talk.begin(
      { turns: [waits, [{ say: 'Second.' }], [{ sayTold: true }]] },
      {},
      { kind: { steering: 'prompt' } },
    );
    await talk.session.item('tool-output');
    talk.session.send('a');
    talk.session.send('b');
    talk.session.interrupt();
    const end = await talk.session.turn();
    assert.equal(end.outcome, 'interrupted');
    assert.equal(talk.session.turns.length, 1);
  });

  it('by a message before it has begun, which comes with the prompt', async () => {
    await talk.begin({ turns: [[{ sayTold: true }]] });
    talk.session.send('second');
    const end = await talk.session.turn();
    assert.equal(end.outcome, 'done');
    const texts = ['do it', 'second'].map((text) => ({ type: 'text', text }));
    assert.deepEqual(talk.prompts, [texts]);
  });
});
