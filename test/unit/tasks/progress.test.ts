import assert from 'node:assert/strict';
import { progressFrom } from '../../../backend/src/tasks/progress.ts';

describe('how far a task has come', () => {
  const left = { stage: 'execute' as const, next: [], early: [], verified: true, executed: ['a.sh'] };

  it('is where an earlier function has left it', () => {
    assert.deepEqual(progressFrom(left), {
      stage: 'execute',
      verified: true,
      executed: ['a.sh'],
    });
    assert.deepEqual(progressFrom(undefined), { stage: 'agent', verified: undefined, executed: [] });
  });

  it('is the agent again where a message waits for it: nobody has checked or run what it makes then', () => {
    const again = { stage: 'agent', verified: undefined, executed: [] };
    assert.deepEqual(progressFrom({ ...left, next: ['and more'] }), again);
  });
});
