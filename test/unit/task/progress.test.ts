import assert from 'node:assert/strict';
import {
  INITIAL_PROGRESS,
  reduceProgress,
  tokensOf,
  type TaskProgress,
} from '../../../src/core/task/progress.ts';
import type { AgentItem, Question } from '../../../src/protocol/agent-item.ts';
import type { EventBody, RunEvent } from '../../../src/protocol/event.ts';

const model = {
  turns: 3,
  requests: 4,
  inputTokens: 10,
  outputTokens: 20,
  cacheReadTokens: 300,
  cacheWriteTokens: 4000,
  usd: 0.5,
};
const usage = { wallMs: 1, outputBytes: 0, model };
const item = (what: AgentItem, parent?: string): EventBody => ({
  type: 'agent',
  item: what,
  ...(parent === undefined ? {} : { parent }),
});
const question = (id: string): Question => ({
  kind: 'question',
  id,
  text: 'Which?',
  options: [{ label: 'a' }],
  multiple: false,
  free: true,
});

/** The progress after these events, and what was done after each. */
function after(...bodies: EventBody[]): { progress: TaskProgress; doings: string[] } {
  let progress = INITIAL_PROGRESS;
  const doings: string[] = [];
  bodies.forEach((body, i) => {
    const event = { ...body, seq: i + 1, time: 0 } as RunEvent;
    progress = reduceProgress(progress, event);
    assert.equal(reduceProgress(progress, event), progress, 'an event counts once');
    doings.push(progress.doing);
  });
  return { progress, doings };
}

describe('the progress of a task', () => {
  it('says in a few words what goes on', () => {
    const { doings } = after(
      { type: 'phase', phase: 'queued' },
      { type: 'phase', phase: 'running' },
      item({ kind: 'session', agent: 'Agent 1', model: 'm' }),
      item({ kind: 'thinking', id: '1', delta: 'hm' }),
      item({ kind: 'text', id: '2', delta: 'I' }),
      item({ kind: 'tool', id: 't1', name: 'Bash' }),
      item({ kind: 'tool-input', id: 't1', delta: '{' }),
      item({ kind: 'tool-call', id: 't1', name: 'Bash', title: 'Run\n  the tests', input: {} }),
      item({ kind: 'tool', id: 't2', name: 'Read' }),
      item({ kind: 'tool-result', id: 't2', outcome: 'done', text: '' }),
      item({ kind: 'tool-result', id: 't1', outcome: 'failed', text: '' }),
      item({ kind: 'retry', attempt: 1, delayMs: 5, reason: '429' }),
      { type: 'phase', phase: 'checking' },
      { type: 'output', stream: 'stdout', text: 'x', program: 'check' },
      { type: 'phase', phase: 'executing' },
      { type: 'output', stream: 'stdout', text: 'x', program: 'a.py' },
      { type: 'phase', phase: 'collecting' },
      { type: 'completed', usage, verified: true },
    );
    assert.deepEqual(doings, [
      'waiting for its turn',
      'starting the agent',
      'thinking',
      'thinking',
      'writing',
      'Bash',
      'Bash',
      'Run the tests',
      'Read',
      'Run the tests',
      'thinking',
      'asking the model again (429)',
      'checking the work',
      'checking the work',
      'running what it made',
      'running a.py',
      'collecting the changes',
      'done and verified',
    ]);
  });

  it('keeps who works, what it took, and what is to do', () => {
    const todos = [{ text: 'mend', state: 'active' as const }];
    const { progress } = after(
      item({ kind: 'session', agent: 'Agent 1', model: 'm' }),
      item({ kind: 'session', agent: 'Agent 2' }),
      item({ kind: 'todos', items: [] }),
      item({ kind: 'todos', items: todos }),
      item({ kind: 'usage', usage: { ...model, turns: 1 } }),
    );
    assert.deepEqual([progress.agent, progress.model, progress.todos], ['Agent 2', 'm', todos]);
    assert.equal(progress.usage?.turns, 1);
    assert.equal(tokensOf(model), 4330);
    const end = reduceProgress(progress, { seq: 6, time: 0, type: 'cancelled', usage });
    assert.deepEqual([end.usage, end.doing, end.ended], [model, 'cancelled', true]);
  });

  it('waits while a question is open, whatever else goes on', () => {
    const { progress, doings } = after(
      item({ kind: 'tool', id: 't', name: 'Ask' }),
      item(question('q1')),
      item(question('q2')),
      item({ kind: 'tool', id: 'u', name: 'Read' }),
      item({ kind: 'answer', id: 'q1', text: 'a' }),
      item({ kind: 'tool-result', id: 'u', outcome: 'done', text: '' }),
      item({ kind: 'answer', id: 'q2' }),
    );
    const wait = 'waiting for an answer';
    assert.deepEqual(doings, ['Ask', wait, wait, wait, wait, wait, 'Ask']);
    assert.deepEqual(progress.questions, []);
    const open = after(item(question('q1')), item(question('q2'))).progress;
    assert.deepEqual(
      open.questions.map(({ id }) => id),
      ['q1', 'q2'],
    );
    assert.deepEqual(reduceProgress(open, { seq: 3, time: 0, type: 'cancelled', usage }).questions, []);
  });

  it('keeps the end of what the agent itself said last', () => {
    const text = (id: string, delta: string, parent?: string): EventBody =>
      item({ kind: 'text', id, delta }, parent);
    const { progress } = after(text('1', 'one'), text('2', 'tw'), text('3', 'sub', 't'), text('2', 'o'));
    assert.deepEqual(progress.text, { id: '2', text: 'two' });
    const long = after(text('1', 'a'.repeat(20_000)), text('1', 'b')).progress.text?.text;
    assert.equal(long, 'a'.repeat(16 * 1024 - 1) + 'b');
  });

  it('is over with the terminal event', () => {
    const { progress } = after({ type: 'completed', usage });
    assert.equal(progress.doing, 'done');
    assert.equal(reduceProgress(progress, { seq: 2, time: 0, type: 'phase', phase: 'queued' }), progress);
    assert.equal(after({ type: 'completed', usage, verified: false }).progress.doing, 'done, not verified');
  });
});
