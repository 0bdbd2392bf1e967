import assert from 'node:assert/strict';
import type { Figure, Reach } from '../../../bench/figure.ts';
import {
  isMet,
  median,
  medianOfRatios,
  quantile,
  ratioOfMedians,
  reached,
} from '../../../bench/statistics.ts';

const figure = (reach: Reach, ours: number[], beside?: number[]): Figure => ({
  ...{ name: 'figure', unit: 'ms', ours, reach },
  ...(beside === undefined ? {} : { beside: { name: 'other', values: beside } }),
});

describe('statistics of the benchmarks', () => {
  it('take the middle of values in any order, between two by proportion', () => {
    assert.equal(median([30, 10, 20]), 20);
    assert.equal(median([40, 10, 20, 30]), 25);
    assert.equal(quantile([5, 1, 2, 3, 4], 0.95), 4.8);
    assert.equal(quantile([7], 0.95), 7);
  });

  it('leave the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    assert.deepEqual(values, [3, 1, 2]);
  });

  it('compare medians, and round by round', () => {
    // One round in which the machine was busy for both sides.
    const [ours, beside] = [
      [2, 30, 5],
      [1, 10, 1],
    ];
    assert.equal(ratioOfMedians(ours, beside), 5);
    assert.equal(medianOfRatios(ours, beside), 3);
  });

  it('read a reach off what it is about', () => {
    const ours = [10, 20, 40];
    assert.equal(reached(figure({ of: 'ratio', bound: '≤', value: 2 }, ours, [10, 10, 10])), 2);
    assert.equal(reached(figure({ of: 'difference', bound: '≤', value: 2 }, ours, [5, 6, 7])), 14);
    assert.equal(reached(figure({ of: 'p50', bound: '≤', value: 2 }, ours)), 20);
    assert.equal(reached(figure({ of: 'p95', bound: '≤', value: 2 }, ours)), 38);
    assert.equal(reached(figure({ of: 'largest', bound: '≤', value: 2 }, ours)), 40);
  });

  it('say whether a reach is met, up to its border', () => {
    const ratio = (bound: '≤' | '≥', value: number) => isMet(figure({ of: 'ratio', bound, value }, [3], [2]));
    assert.deepEqual([ratio('≤', 1.5), ratio('≤', 1.4)], [true, false]);
    assert.deepEqual([ratio('≥', 1.5), ratio('≥', 1.6)], [true, false]);
  });

  it('never meet a reach with what could not be computed', () => {
    assert.equal(isMet(figure({ of: 'ratio', bound: '≤', value: 2 }, [1])), false);
    assert.equal(isMet(figure({ of: 'p50', bound: '≥', value: 0 }, [])), false);
  });
});
