import assert from 'node:assert/strict';
import { interleaved, repeated } from '../../../bench/interleaved.ts';

describe('measuring in turn', () => {
  it('alternates between the sides and leaves the warm-up out', async () => {
    const order: string[] = [];
    const side = (name: string) => () => {
      order.push(name);
      return Promise.resolve(order.length);
    };
    const { ours, beside } = await interleaved({ counted: 2, warmUp: 1 }, side('A'), side('B'));
    assert.deepEqual(order, ['A', 'B', 'A', 'B', 'A', 'B']);
    assert.deepEqual(
      [ours, beside],
      [
        [3, 5],
        [4, 6],
      ],
    );
  });

  it('repeats one side alone', async () => {
    let count = 0;
    assert.deepEqual(await repeated({ counted: 3, warmUp: 2 }, () => Promise.resolve(++count)), [3, 4, 5]);
  });
});
