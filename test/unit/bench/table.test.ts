import assert from 'node:assert/strict';
import type { Figure, Report } from '../../../bench/figure.ts';
import { short, table } from '../../../bench/table.ts';

const figure: Figure = {
  name: 'a | b',
  unit: 'ms',
  ours: [10, 20, 30],
  beside: { name: 'bare', values: [10, 10, 20] },
  reach: { of: 'ratio', bound: '≤', value: 1.5 },
  notes: ['seen twice'],
};

const rows = (reports: Report[]): string[][] =>
  table(reports)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('the table of the benchmarks', () => {
  it('gives both sides, both ratios and whether the reach is met', () => {
    const [head, , row] = rows([{ row: 'one', outcome: { type: 'figures', figures: [figure] } }]);
    const cells = Object.fromEntries((head ?? []).map((name, column) => [name, row?.[column]]));
    assert.deepEqual(cells, {
      figure: 'a \\| b',
      rounds: '3',
      p50: '20.0 ms',
      p95: '29.0 ms',
      beside: 'bare',
      'its p50': '10.0 ms',
      'its p95': '19.0 ms',
      'ratio of medians': '2.00',
      'median of ratios': '1.50',
      reach: 'ratio ≤ 1.50',
      reached: '2.00',
      met: 'no',
    });
  });

  it('has as many cells in each line, whatever became of a row', () => {
    const lines = rows([
      { row: 'one', outcome: { type: 'figures', figures: [{ ...figure, name: 'alone' }] } },
      { row: 'two', outcome: { type: 'skipped', reason: 'no such tool' } },
      { row: 'three', outcome: { type: 'failed', reason: 'broke' } },
    ]);
    assert.equal(lines.length, 5);
    assert.deepEqual(new Set(lines.map((line) => line.length)), new Set([12]));
    assert.deepEqual(
      lines.slice(2).map((line) => line.at(-1)),
      ['no', 'skipped', 'failed'],
    );
  });

  it('judges no figure that has no reach', () => {
    const { reach: _, ...reader } = figure;
    const [, , row] = rows([{ row: 'one', outcome: { type: 'figures', figures: [reader] } }]);
    assert.deepEqual(row?.slice(-5), ['2.00', '1.50', '–', '–', '–']);
  });

  it('says below why a row was skipped or failed, and what a figure adds', () => {
    const text = table([
      { row: 'one', outcome: { type: 'figures', figures: [figure] } },
      { row: 'two', outcome: { type: 'skipped', reason: 'no such tool' } },
      { row: 'three', outcome: { type: 'failed', reason: 'broke' } },
    ]);
    assert.match(text, /\n\n- a \| b: seen twice\n- two was skipped: no such tool\n- three failed: broke$/);
  });

  it('writes numbers in the digits that say something', () => {
    assert.deepEqual([1234.5, 99.96, 12.34, 1.005, 0.149, -20].map(short), [
      ...['1235', '100.0', '12.3', '1.00', '0.15', '-20.0'],
    ]);
  });
});
