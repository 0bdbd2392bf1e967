import assert from 'node:assert/strict';
import type { SessionRun, ToPage } from '../../../src/protocol/chat.ts';
import { activeTask, INITIAL_CHAT, isPending, type ChatState } from '../../../webview/state/chat-state.ts';
import { reduceChat, withPending, type Step } from '../../../webview/state/reduce-chat.ts';
import { CHOSEN } from '../../support/chat/fake-host.ts';
import { completed, say } from '../../support/chat/script.ts';

const NOW = 5000;
const run = (n: number): string => `r_${String(n).padStart(32, '0')}`;
const task = (n: number): SessionRun => ({
  kind: 'task',
  runId: run(n),
  prompt: `do ${String(n)}`,
  chosen: CHOSEN,
  createdAt: n,
});

function steps(state: ChatState, ...messages: ToPage[]): Step {
  let step: Step = { state };
  for (const message of messages) step = reduceChat(step.state, message, NOW);
  return step;
}

const session = (id: string | null, ...numbers: number[]): ToPage => ({
  type: 'session',
  id,
  runs: numbers.map(task),
});
const events = (n: number, after: number, text: string): ToPage => ({
  type: 'events',
  runId: run(n),
  after,
  last: after + 1,
  events: [{ ...say('t', text), seq: after + 1, time: 1 }],
});
const STATE: ToPage = {
  type: 'state',
  sessions: [],
  choices: { agents: [], targets: [], budgets: [] },
  chosen: CHOSEN,
  trusted: true,
};
const ERROR = { code: 'busy', message: 'Too much at once.', remedies: [] };

describe('the state of the chat', () => {
  it('forgets runs of a session that is no longer shown, and keeps those that still are', () => {
    const { state } = steps(
      INITIAL_CHAT,
      session('s', 1, 2),
      events(1, 0, 'a'),
      events(2, 0, 'b'),
      session('s', 2, 3),
    );
    assert.deepEqual([...state.runs.keys()], [run(2)]);
    assert.deepEqual(
      state.entries.map(({ runId }) => runId),
      [run(2), run(3)],
    );
  });

  it('asks for events that it has missed, and takes none that come after them', () => {
    const step = steps(INITIAL_CHAT, session('s', 1), events(1, 0, 'a'), events(1, 4, 'e'));
    assert.deepEqual(step.ask, { type: 'replay', runId: run(1), after: 1 });
    assert.equal(step.state.runs.get(run(1))?.seq, 1);
  });

  it('takes events again that it has already', () => {
    const step = steps(
      INITIAL_CHAT,
      session('s', 1),
      events(1, 0, 'a'),
      events(1, 0, 'a'),
      events(1, 1, 'b'),
    );
    const [block] = step.state.runs.get(run(1))?.tree.roots ?? [];
    assert.equal(step.ask, undefined);
    assert.equal(block?.kind === 'text' && block.text, 'ab');
  });

  it('remembers when a run was last heard of', () => {
    const { state } = steps(INITIAL_CHAT, session('s', 1), { type: 'alive', runId: run(1) });
    assert.equal(state.heard.get(run(1)), NOW);
    assert.equal(state.heardEvents.get(run(1)), undefined);
  });

  it('says what was refused, until something else is asked', () => {
    const message = { type: 'interrupt', runId: run(1) } as const;
    const asked = withPending(INITIAL_CHAT, 3, message);
    assert.ok(isPending(asked, 'interrupt', run(1)));
    assert.ok(!isPending(asked, 'interrupt', run(2)));
    const { state } = steps(asked, { type: 'reply', id: 3, error: ERROR });
    assert.deepEqual(state.failure, { message, error: ERROR });
    assert.ok(!isPending(state, 'interrupt'));
    assert.equal(withPending(state, 4, { type: 'choose', chosen: CHOSEN }).failure?.error, ERROR);
    assert.equal(withPending(state, 5, { type: 'stop', runId: run(1) }).failure, undefined);
  });

  it('shows what was just picked, also when the host says something older meanwhile', () => {
    const mine = { ...CHOSEN, model: 'mine' };
    const picked = withPending(INITIAL_CHAT, 1, { type: 'choose', chosen: mine });
    assert.equal(steps(picked, STATE).state.chosen?.model, 'mine');
    assert.equal(steps(picked, { type: 'reply', id: 1 }, STATE).state.chosen?.model, undefined);
  });

  it('knows which task goes on: none that has ended, was lost or was not sent', () => {
    const { state } = steps(INITIAL_CHAT, session('s', 1, 2));
    assert.equal(activeTask(state)?.runId, run(2));
    const ended: ToPage = {
      type: 'events',
      runId: run(2),
      after: 0,
      last: 1,
      events: [{ ...completed, seq: 1, time: 1 }],
    };
    assert.equal(activeTask(steps(state, ended).state), undefined);
    for (const standing of [
      { state: 'lost', error: ERROR },
      { state: 'unsent', error: ERROR },
      { state: 'ended' },
    ] as const) {
      assert.equal(activeTask(steps(state, { type: 'standing', runId: run(2), standing }).state), undefined);
    }
    const preparing = { state: 'preparing', doing: 'Reading files' } as const;
    assert.ok(activeTask(steps(state, { type: 'standing', runId: run(2), standing: preparing }).state));
  });
});
