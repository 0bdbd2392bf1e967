import assert from 'node:assert/strict';
import { tool, used } from '../../support/acp-agent/steps.ts';
import { AcpTalk } from '../../support/acp-agent/talk.ts';

describe('an agent of the Agent Client Protocol ends a turn', () => {
  const talk = new AcpTalk();

  const ends: [string, RegExp][] = [
    ['max_tokens', /longer than the model may give/],
    ['refusal', /refuses to go on/],
    ['because', /"because"/],
  ];
  for (const [reason, message] of ends) {
    it(`that failed for the reason ${reason}`, async () => {
      await talk.begin({ turns: [[{ say: 'x' }, { stop: reason }]] });
      await talk.failedWith('agent-failed', message);
    });
  }

  it('that has reached a limit of its own', async () => {
    await talk.begin({ turns: [[{ stop: 'max_turn_requests' }]] });
    assert.deepEqual(await talk.session.turn(), { outcome: 'turn-limit' });
  });

  const failures: [string, number, string, unknown, RegExp][] = [
    ['no-access', -32603, 'Internal error: invalid x-api-key', undefined, /does not take the key/],
    ['no-access', -32000, 'Authentication required', undefined, /sign in/],
    ['unknown-model', -32603, 'Internal error', { details: '404: model not found' }, /no such model/],
    ['agent-failed', -32603, 'Internal error', { details: 'out of ideas' }, /gave up: .*out of ideas/],
    ['agent-failed', 7, 'x', 'y', /gave up: x/],
  ];
  for (const [code, number, message, data, expected] of failures) {
    it(`with an error of its own: ${code}, ${message} ${JSON.stringify(data)}`, async () => {
      await talk.begin({ turns: [[{ say: 'x' }, { fail: { code: number, message, data } }]] });
      await talk.failedWith(code, expected);
    });
  }

  it('with its process, which is told by that', async () => {
    await talk.begin({ turns: [[{ say: 'half' }, { exit: 3 }]] });
    assert.equal(await talk.session.ended, 3);
    assert.deepEqual(talk.session.turns, []);
  });

  it('and ends when nothing more comes', async () => {
    await talk.begin({ turns: [[{ say: 'x' }]] });
    await talk.session.turn();
    assert.equal(await talk.session.end(), 0);
  });

  it('at the beginning of the answer that is one too many', async () => {
    await talk.begin(
      {
        turns: [[...used('a'), ...used('b'), { say: 'too much' }, ...used('c'), { untilCancelled: true }]],
      },
      { maxTurns: 2 },
    );
    assert.deepEqual(await talk.session.turn(), { outcome: 'turn-limit' });
    assert.equal(talk.session.said, '');
    assert.equal(talk.session.of('tool').length, 2);
    assert.equal(talk.session.of('tool-result').length, 2);
  });

  it('so, too, where that answer uses a tool', async () => {
    await talk.begin(
      { turns: [[...used('a'), tool('b', { status: 'in_progress' }), { untilCancelled: true }]] },
      { maxTurns: 1 },
    );
    assert.deepEqual(await talk.session.turn(), { outcome: 'turn-limit' });
    assert.deepEqual(
      talk.session.items.map((item) => ('id' in item ? item.id : item.kind)),
      ['session', 'tool-1', 'tool-1', 'tool-1'],
    );
  });

  it('by itself with as many answers as it may have', async () => {
    await talk.begin({ turns: [[...used('a'), { say: 'done' }]] }, { maxTurns: 2 });
    assert.deepEqual(await talk.session.turn(), { outcome: 'done', text: 'done' });
  });
});
