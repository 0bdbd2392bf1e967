import assert from 'node:assert/strict';
import { Slots } from '../../../backend/src/runs/slots.ts';

describe('places for runs', () => {
  const never = new AbortController().signal;
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('are given in the order in which they were asked for', async () => {
    const slots = new Slots(1);
    const order: number[] = [];
    await slots.take(never);
    for (const i of [1, 2, 3]) void slots.take(never).then(() => order.push(i));
    for (const expected of [[1], [1, 2], [1, 2, 3]]) {
      slots.release();
      await turn();
      assert.deepEqual(order, expected);
    }
  });

  it('are as many as there are', async () => {
    const slots = new Slots(2);
    await slots.take(never);
    await slots.take(never);
    let third = false;
    void slots.take(never).then(() => {
      third = true;
    });
    await turn();
    assert.equal(third, false);
    slots.release();
    await turn();
    assert.equal(third, true);
  });

  it('are not lost on one who leaves the queue', async () => {
    const slots = new Slots(1);
    await slots.take(never);
    const leaving = new AbortController();
    const left = slots.take(leaving.signal);
    let next = false;
    void slots.take(never).then(() => {
      next = true;
    });
    leaving.abort();
    await assert.rejects(left, { name: 'AbortError' });
    slots.release();
    await turn();
    assert.equal(next, true);
    await assert.rejects(slots.take(AbortSignal.abort()), { name: 'AbortError' });
    slots.release();
    await slots.take(never);
  });
});
