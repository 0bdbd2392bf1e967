import assert from 'node:assert/strict';
import type { EventBody, RunEvent } from '../../../src/protocol/event.ts';
import type { Block, ToolBlock } from '../../../webview/state/block.ts';
import { KEPT_CHARS } from '../../../webview/state/program-output.ts';
import { reduceRun } from '../../../webview/state/reduce-run.ts';
import { EMPTY_RUN, type RunView } from '../../../webview/state/run-view.ts';
import { agent, begun, completed, say, tool, USAGE } from '../../support/chat/script.ts';

/** Bodies as a run's events from the numbered one on. */
const events = (bodies: EventBody[], from = 1): RunEvent[] =>
  bodies.map((body, index) => ({ ...body, seq: from + index, time: 1000 * (from + index) }));

const after = (...bodies: EventBody[]): RunView => reduceRun(EMPTY_RUN, events(bodies), bodies.length);

const kinds = (blocks: readonly Block[]): string[] => blocks.map(({ kind }) => kind);

function toolOf(run: RunView, index = 0): ToolBlock {
  const block = run.tree.roots[index];
  assert.ok(block?.kind === 'tool');
  return block;
}

describe('the run that the chat shows', () => {
  it('puts together what streams in parts, by its id', () => {
    const run = after(
      ...begun,
      agent({ kind: 'thinking', id: '1', delta: 'Well' }),
      say('1', 'Hel'),
      agent({ kind: 'thinking', id: '1', delta: ', then' }),
      say('1', 'lo'),
      say('2', 'again'),
    );
    assert.deepEqual(
      run.tree.roots.map((block) => ('text' in block ? [block.kind, block.text] : [])),
      [
        ['thinking', 'Well, then'],
        ['text', 'Hello'],
        ['text', 'again'],
      ],
    );
    assert.equal(run.agent, 'Claude Code 2.1');
    assert.equal(run.phase, 'running');
  });

  it('follows a tool use from its first letter of input to its result', () => {
    const steps = events([
      agent({ kind: 'tool', id: 'a', name: 'Bash' }),
      agent({ kind: 'tool-input', id: 'a', delta: '{"comm' }),
      agent({ kind: 'tool-call', id: 'a', name: 'Bash', title: 'make', input: { command: 'make' } }),
      agent({ kind: 'tool-output', id: 'a', delta: 'cc ' }),
      agent({ kind: 'tool-output', id: 'a', delta: 'x.c' }),
      agent({ kind: 'tool-result', id: 'a', outcome: 'failed', text: 'exit 2' }),
    ]);
    const runs = steps.map((_, index) => reduceRun(EMPTY_RUN, steps.slice(0, index + 1), index + 1));
    assert.equal(runs[1] && toolOf(runs[1]).forming, '{"comm');
    assert.deepEqual(runs[2] && [toolOf(runs[2]).input, toolOf(runs[2]).forming], [{ command: 'make' }, '']);
    assert.equal(runs[4] && toolOf(runs[4]).output.text, 'cc x.c');
    const last = runs[5] && toolOf(runs[5]);
    assert.deepEqual(
      [last?.outcome, last?.result, last?.startedAt, last?.endedAt],
      ['failed', 'exit 2', 1000, 6000],
    );
  });

  it('shows what a sub-agent does below the tool use that it works for, however deep', () => {
    const run = after(
      agent({ kind: 'tool', id: 'outer', name: 'Task' }),
      agent({ kind: 'tool', id: 'inner', name: 'Task' }, 'outer'),
      say('t', 'outside'),
      agent({ kind: 'tool', id: 'read', name: 'Read' }, 'inner'),
      agent({ kind: 'text', id: 'i', delta: 'inside' }, 'inner'),
      agent({ kind: 'todos', items: [{ text: 'mine', state: 'done' }] }, 'inner'),
    );
    assert.deepEqual(kinds(run.tree.roots), ['tool', 'text']);
    const [inner] = toolOf(run).children;
    assert.ok(inner?.kind === 'tool');
    assert.deepEqual(kinds(inner.children), ['tool', 'text']);
    assert.deepEqual(run.todos, []);
  });

  it('makes a block anew when something below it changes, and leaves all others as they are', () => {
    const before = after(
      ...tool('a', 'Read', 'x', {}, 'ok'),
      agent({ kind: 'tool', id: 'task', name: 'Task' }),
      agent({ kind: 'tool', id: 'b', name: 'Grep' }, 'task'),
      agent({ kind: 'tool', id: 'c', name: 'Grep' }, 'task'),
    );
    const result = agent({ kind: 'tool-result', id: 'c', outcome: 'done', text: '' }, 'task');
    const next = reduceRun(before, events([result], 7), 7);
    assert.equal(next.tree.roots[0], before.tree.roots[0]);
    assert.notEqual(next.tree.roots[1], before.tree.roots[1]);
    assert.equal(toolOf(next, 1).children[0], toolOf(before, 1).children[0]);
    assert.notEqual(toolOf(next, 1).children[1], toolOf(before, 1).children[1]);
    // What was there before is as it was.
    const [, sibling] = toolOf(before, 1).children;
    assert.equal(sibling?.kind === 'tool' && sibling.outcome, undefined);
  });

  it('counts an event once, in one batch or in many', () => {
    const all = events([
      ...begun,
      say('1', 'one '),
      say('1', 'two '),
      ...tool('a', 'Read', 'x', {}, 'ok'),
      completed,
    ]);
    const whole = reduceRun(EMPTY_RUN, all, all.length);
    let run: RunView = EMPTY_RUN;
    for (const [index, event] of all.entries()) {
      run = reduceRun(run, [event], index + 1);
      run = reduceRun(run, all.slice(0, index + 1), index + 1);
    }
    assert.deepEqual(run, whole);
    assert.equal(reduceRun(whole, all, all.length), whole);
  });

  it('asks a question once, until it is answered or dropped', () => {
    const question = agent({
      kind: 'question',
      id: 'q',
      text: 'Which?',
      options: [{ label: 'a' }],
      multiple: false,
      free: false,
    });
    const state = (run: RunView) => {
      const [block] = run.tree.roots;
      assert.ok(block?.kind === 'question');
      return [block.state, block.answer];
    };
    assert.deepEqual(state(after(question, question)), ['open', undefined]);
    assert.deepEqual(state(after(question, agent({ kind: 'answer', id: 'q', text: 'a' }))), [
      'answered',
      'a',
    ]);
    assert.deepEqual(state(after(question, agent({ kind: 'answer', id: 'q' }))), ['dropped', undefined]);
    assert.deepEqual(state(after(question, { type: 'cancelled', usage: USAGE })), ['dropped', undefined]);
  });

  it('leaves nothing open at the end', () => {
    const run = after(
      agent({ kind: 'tool', id: 'task', name: 'Task' }),
      agent({ kind: 'tool', id: 'a', name: 'Bash' }, 'task'),
      ...tool('b', 'Read', 'x', {}, 'ok'),
      { type: 'failed', error: { code: 'agent-failed', message: 'It crashed.' }, usage: USAGE },
    );
    const [child] = toolOf(run).children;
    assert.deepEqual(
      [toolOf(run).outcome, child?.kind === 'tool' && child.outcome, toolOf(run, 1).outcome],
      ['interrupted', 'interrupted', 'done'],
    );
    assert.equal(run.usage?.usd, USAGE.model.usd);
    assert.equal(reduceRun(run, events([say('late', 'x')], 8), 8).tree.roots.length, 2);
  });

  it('joins attempts to reach the model into one line', () => {
    const retry = (attempt: number) => agent({ kind: 'retry', attempt, delayMs: 500, reason: '529' });
    const run = after(retry(1), retry(2), say('1', 'x'), retry(1));
    assert.deepEqual(kinds(run.tree.roots), ['retry', 'text', 'retry']);
    assert.equal(run.tree.roots[0]?.kind === 'retry' && run.tree.roots[0].attempt, 2);
  });

  it('keeps the outputs of programs apart, and the end of one that floods', () => {
    const flood = Array.from({ length: 30 }, (_, index): EventBody => ({
      type: 'output',
      stream: 'stdout',
      program: 'flood.py',
      text: `${String(index).padStart(6)}${'x'.repeat(20_000)}`,
    }));
    const run = after(
      { type: 'output', stream: 'stdout', program: 'check', text: 'ok\n' },
      { type: 'output', stream: 'stderr', base64: Buffer.from('Grüße').toString('base64') },
      ...flood,
    );
    assert.equal(run.outputs.get('check')?.text, 'ok\n');
    assert.equal(run.outputs.get('')?.text, 'Grüße');
    const flooded = run.outputs.get('flood.py');
    assert.ok(flooded && flooded.text.length <= 2 * KEPT_CHARS + 20_006);
    assert.equal(flooded.text.length + flooded.left, 30 * 20_006);
    assert.ok(flooded.text.includes('    29x'));
  });

  it('knows a file by the last that was said of it', () => {
    const change = (operation: 'create' | 'delete'): EventBody => ({
      type: 'change',
      path: 'a.txt',
      operation,
      mode: 0,
      size: 0,
    });
    assert.deepEqual(
      [...after(change('create'), change('delete')).changes.values()].map(({ operation }) => operation),
      ['delete'],
    );
  });

  it('goes past what the host has left out', () => {
    const run = reduceRun(EMPTY_RUN, events([say('1', 'x')], 3), 7);
    assert.equal(run.seq, 7);
    assert.equal(run.tree.roots.length, 1);
  });
});
