import assert from 'node:assert/strict';
import { INITIAL_STATE, reduce, type RunState } from '../../../src/core/run/state.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';

type Body = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'seq' | 'time'> : never) : never;

/** Numbers events from 1, a second apart. */
const numbered = (...bodies: Body[]): RunEvent[] =>
  bodies.map((body, index) => ({ seq: index + 1, time: (index + 1) * 1000, ...body }));
const after = (events: RunEvent[], from: RunState = INITIAL_STATE): RunState => events.reduce(reduce, from);

const usage = { wallMs: 1, outputBytes: 1 };
const change = (path: string, operation: 'create' | 'modify' | 'delete' = 'create') =>
  ({ type: 'change', path, operation, mode: 0o644, size: 1 }) as const;

describe("a run's state", () => {
  it('follows its events', () => {
    const state = after(
      numbered(
        { type: 'phase', phase: 'queued', runId: 'r' },
        { type: 'phase', phase: 'running' },
        { type: 'output', stream: 'stdout', text: '€' },
        { type: 'output', stream: 'stderr', base64: 'AP8=' },
        { type: 'output', stream: 'stderr', text: 'error' },
        { type: 'notice', code: 'left-out', message: 'said' },
        { type: 'notice', code: 'changes-cut', message: 'also' },
        change('a'),
        change('b'),
        { type: 'completed', exitCode: 3, usage },
      ),
    );
    assert.partialDeepStrictEqual(state, {
      seq: 10,
      phase: 'running',
      phaseTimes: { queued: 1000, running: 2000 },
      outputBytes: 3 + 2 + 5,
      stderrTail: 'error',
      notices: [
        { code: 'left-out', message: 'said' },
        { code: 'changes-cut', message: 'also' },
      ],
      end: { type: 'completed', exitCode: 3 },
    });
    assert.deepEqual(
      state.changes.map(({ path }) => path),
      ['a', 'b'],
    );
  });

  it('is the same from any state on the way, and with events that come again', () => {
    const events = numbered(
      { type: 'phase', phase: 'queued' },
      { type: 'output', stream: 'stderr', text: 'a' },
      change('a'),
      { type: 'output', stream: 'stdout', text: 'b' },
      { type: 'cancelled', usage },
    );
    const whole = after(events);
    for (let cut = 0; cut <= events.length; cut++) {
      const part = after(events.slice(0, cut));
      assert.deepEqual(after(events.slice(cut), part), whole);
      assert.deepEqual(after(events, part), whole);
    }
  });

  it('changes nothing that it was made from', () => {
    const before = Object.freeze({
      ...INITIAL_STATE,
      changes: Object.freeze([]),
      notices: Object.freeze([]),
    });
    after(numbered(change('a'), { type: 'notice', code: 'x', message: 'x' }), before);
    assert.deepEqual(before, INITIAL_STATE);
  });

  it('has the last change of a path', () => {
    const { changes } = after(numbered(change('a'), change('b'), change('a', 'delete')));
    assert.deepEqual(
      changes.map(({ path, operation }) => [path, operation]),
      [
        ['b', 'create'],
        ['a', 'delete'],
      ],
    );
  });

  it('has its end once and for all', () => {
    const [end, late] = numbered(
      { type: 'cancelled', usage },
      { type: 'output', stream: 'stdout', text: 'late' },
    );
    assert(end !== undefined && late !== undefined);
    const ended = reduce(INITIAL_STATE, end);
    assert.equal(reduce(ended, late), ended);
  });

  it('passes over kinds that are not known, and counts them', () => {
    const [event] = numbered({ type: 'unknown', frame: {} });
    assert(event !== undefined);
    assert.deepEqual(reduce(INITIAL_STATE, event), { ...INITIAL_STATE, seq: 1 });
  });

  it('keeps the end of a long standard error, not of standard output', () => {
    const text = 'x'.repeat(10_000);
    const state = after(
      numbered(
        { type: 'output', stream: 'stderr', text },
        { type: 'output', stream: 'stderr', text },
        { type: 'output', stream: 'stdout', text: 'other' },
        { type: 'output', stream: 'stderr', text: 'last' },
      ),
    );
    assert.equal(state.stderrTail.length, 16 * 1024);
    assert(state.stderrTail.endsWith('xlast'));
  });
});
