import assert from 'node:assert/strict';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { AgentReport } from '../../../backend/src/agents/agent.ts';
import { AgentTurns } from '../../../backend/src/tasks/agent-turns.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import { ByHand } from './agent-by-hand.ts';

const done: AgentReport = { type: 'turn', end: { outcome: 'done', text: '' } };
const said = (delta: string): AgentReport => ({ type: 'item', item: { kind: 'text', id: 't', delta } });

const ignored = (): void => undefined;

describe('the turns of an agent', () => {
  let agent: ByHand;
  let turns: AgentTurns;
  let items: AgentItem[];
  let conversations: string[];
  let notices: string[];

  beforeEach(() => {
    agent = new ByHand();
    [items, conversations, notices] = [[], [], []];
    turns = new AgentTurns(agent, {
      onItem: (item) => items.push(item),
      onConversation: (id) => conversations.push(id),
      onNotice: (message) => notices.push(message),
    });
  });

  it('end with the first one, where nothing waits', async () => {
    const end = turns.live();
    agent.report({ type: 'conversation', id: 'c' });
    agent.report({ type: 'notice', message: 'n' });
    agent.report(said('hello'));
    agent.report(done);
    await turns.over;
    assert.equal(agent.ended, true);
    assert.throws(() => turns.give({ type: 'message', id: 'm', text: 'late', when: 'now' }), {
      code: 'run-ended',
    });
    agent.close();
    assert.deepEqual(await end, { outcome: 'done', text: '' });
    assert.deepEqual(
      [items, conversations, notices],
      [[{ kind: 'text', id: 't', delta: 'hello' }], ['c'], ['n']],
    );
  });

  it('go on with the messages that wait, one turn for each, each once', async () => {
    const end = turns.live();
    for (const id of ['a', 'b', 'a']) turns.give({ type: 'message', id, text: id, when: 'next' });
    assert.deepEqual(agent.sent, []);
    agent.report(done);
    await turnOfLoop();
    assert.deepEqual(agent.sent, ['a']);
    agent.report(said('on a'));
    agent.report(done);
    await turnOfLoop();
    assert.deepEqual([agent.sent, agent.ended], [['a', 'b'], false]);
    agent.report(done);
    await turns.over;
    agent.close();
    await end;
    assert.equal(items.filter(({ kind }) => kind === 'message').length, 2);
  });

  it('go on where a message for now came too late for the turn, and the agent begins another for it', async () => {
    const end = turns.live();
    turns.give({ type: 'message', id: 'a', text: 'a', when: 'now' });
    assert.deepEqual(agent.sent, ['a']);
    agent.report(done);
    await turnOfLoop();
    assert.equal(agent.ended, false);
    agent.report(said('of its own'));
    agent.report(done);
    await turns.over;
    agent.close();
    assert.deepEqual(await end, { outcome: 'done', text: '' });
  });

  it('end where a message for now was taken in the turn', async () => {
    const end = turns.live();
    turns.give({ type: 'message', id: 'a', text: 'a', when: 'now' });
    agent.report(done);
    await turns.over;
    agent.close();
    await end;
  });

  it('are broken off where the agent ends in the middle of one', async () => {
    const end = turns.live();
    agent.report(said('I beg'));
    agent.close();
    assert.deepEqual(await end, { outcome: 'broken-off' });
  });

  it('do not go on after a failure, an interruption that ends all, or the last turn that there may be', async () => {
    for (const report of [
      { type: 'turn', end: { outcome: 'turn-limit' } },
      { type: 'turn', end: { outcome: 'failed', error: new Error('x') as never } },
    ] as AgentReport[]) {
      const other = new ByHand();
      const led = new AgentTurns(other, { onItem: ignored, onConversation: ignored, onNotice: ignored });
      const end = led.live();
      led.give({ type: 'message', id: 'a', text: 'a', when: 'next' });
      other.report(report);
      await led.over;
      assert.deepEqual([other.sent, other.ended], [[], true]);
      other.close();
      await end;
    }
    const end = turns.live();
    turns.give({ type: 'message', id: 'a', text: 'a', when: 'next' });
    turns.stop();
    assert.equal(agent.interrupts, 1);
    agent.report({ type: 'turn', end: { outcome: 'interrupted', text: '' } });
    await turns.over;
    assert.deepEqual([agent.sent, agent.ended], [[], true]);
    agent.close();
    await end;
  });

  it('take an answer that is waited for, and refuse another', () => {
    turns.give({ type: 'answer', id: 'q', chosen: [] });
    assert.throws(() => turns.give({ type: 'answer', id: 'other', chosen: [] }), { code: 'bad-request' });
  });
});
