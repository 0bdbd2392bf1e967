import assert from 'node:assert/strict';
import { exitCodeOf, followRun, type Followed, type InterruptStep } from '../../../src/cli/follow-run.ts';
import { INITIAL_STATE, type RunState } from '../../../src/core/run/state.ts';
import { taskRequest } from '../../../src/core/task/task.ts';
import { OffloadError, type ErrorCode } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import { FakeTask } from './fake-task.ts';

const usage = { wallMs: 1, outputBytes: 0 };
const done: EventBody = { type: 'completed', usage };
const queued: EventBody = { type: 'phase', phase: 'queued' };
const request = taskRequest({ prompt: 'x', agent: { id: 'a' } });

describe('following a task', () => {
  let task: FakeTask;
  let seen: number;
  let listeners: number[];
  beforeEach(() => {
    task = new FakeTask();
    seen = 0;
    listeners = ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));
  });
  afterEach(() => {
    assert.deepEqual(
      ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal)),
      listeners,
    );
  });
  const start = (interrupts: readonly InterruptStep[] = ['stop', 'cancel']): Promise<Followed> =>
    followRun(task, { request }, { show: { event: count }, interrupts });
  const count = (): void => {
    seen += 1;
  };
  /** What the system does with a signal, for the listener that came last. */
  const raise = (signal: NodeJS.Signals): void => {
    process.listeners(signal).at(-1)?.(signal);
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise(setImmediate);
  };

  it('ends with its end', async () => {
    const followed = start();
    task.tell(queued);
    task.tell(done);
    const { state, interrupted } = await followed;
    assert.deepEqual([state.end?.type, interrupted, seen], ['completed', false, 2]);
  });

  it('stops its agent when it is interrupted, and goes on to its end', async () => {
    const followed = start();
    task.tell(queued);
    await until(() => seen === 1);
    raise('SIGINT');
    await until(() => task.inputs.length === 1);
    assert.deepEqual([task.inputs, task.cancels], [[{ type: 'interrupt' }], 0]);
    task.tell(done);
    const { state, interrupted } = await followed;
    assert.deepEqual([state.end?.type, exitCodeOf(state, interrupted)], ['completed', 130]);
  });

  it('cancels it when it is interrupted again, and at once when asked to end', async () => {
    for (const signals of [['SIGINT', 'SIGINT'], ['SIGTERM']] as const) {
      task = new FakeTask();
      seen = 0;
      const followed = start();
      task.tell(queued);
      await until(() => seen === 1);
      for (const signal of signals) raise(signal);
      const { state } = await followed;
      assert.deepEqual([task.inputs.length, task.cancels], [signals.length - 1, 1]);
      assert.deepEqual([state.end?.type, exitCodeOf(state)], ['cancelled', 130]);
    }
  });

  it('cancels it when its agent is done already', async () => {
    task.input = (_runId, input) => {
      task.inputs.push(input);
      return Promise.reject(new OffloadError('run-ended', 'It checks.'));
    };
    const followed = start();
    task.tell(queued);
    await until(() => seen === 1);
    raise('SIGINT');
    assert.equal((await followed).state.end?.type, 'cancelled');
    assert.deepEqual([task.inputs.length, task.cancels], [1, 1]);
  });

  it('is interrupted with its first event where it was not there before', async () => {
    task.refusal = new OffloadError('unknown-run', 'Not yet.');
    const followed = start();
    raise('SIGINT');
    await until(() => task.inputs.length === 1);
    task.refusal = undefined;
    task.tell(queued);
    await until(() => task.inputs.length === 2);
    task.tell(done);
    assert.equal((await followed).interrupted, true);
  });

  it('fails where it can no longer be interrupted', async () => {
    task.refusal = new OffloadError('no-backend', 'Gone.');
    const followed = start(['cancel']);
    task.tell(queued);
    await until(() => seen === 1);
    raise('SIGINT');
    await assert.rejects(followed, { code: 'no-backend' });
  });

  it('gives the exit code that says how it ended', () => {
    const state = (end: object): RunState => ({
      ...INITIAL_STATE,
      end: { seq: 1, time: 0, usage, ...end } as never,
    });
    const failed = (code: ErrorCode): RunState => state({ type: 'failed', error: { code, message: 'm' } });
    const cases: [number, RunState, boolean?][] = [
      [0, state({ type: 'completed' })],
      [0, state({ type: 'completed', verified: true })],
      [1, state({ type: 'completed', verified: false })],
      [130, state({ type: 'completed', verified: false }), true],
      [130, state({ type: 'completed' }), true],
      [7, state({ type: 'completed', exitCode: 7 }), true],
      [130, state({ type: 'cancelled' })],
      [3, failed('budget-reached')],
      [124, failed('timeout')],
      [1, failed('agent-failed')],
      [1, INITIAL_STATE],
    ];
    for (const [code, one, interrupted] of cases)
      assert.equal(exitCodeOf(one, interrupted), code, JSON.stringify(one));
  });
});
