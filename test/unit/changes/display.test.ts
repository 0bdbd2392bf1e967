import assert from 'node:assert/strict';
import { displayPath } from '../../../src/core/changes/display.ts';

describe('a path as people see it', () => {
  it('is itself where it holds nothing unusual', () => {
    for (const path of [
      'src/a b.txt',
      'caf\u00e9/\u65e5\u672c\u8a9e.md',
      'a(1)[2]{3}$&;\'".txt',
      '\u{1f600}.png',
    ]) {
      assert.equal(displayPath(path), path);
    }
  });

  for (const [path, shown] of [
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['a\\nb', 'a\\\\nb'],
    ['x\u001b]52;c;AAAA\u0007', 'x\\u{1b}]52;c;AAAA\\u{7}'],
    ['x\u009b2J\u007f', 'x\\u{9b}2J\\u{7f}'],
    ['invoice\u202efdp.exe', 'invoice\\u{202e}fdp.exe'],
    ['a\u200b\u200d\ufeffb', 'a\\u{200b}\\u{200d}\\u{feff}b'],
    ['a\u2028b\u00a0c\u3000d', 'a\\u{2028}b\\u{a0}c\\u{3000}d'],
    ['a\u3164b\u2800c\u00ad', 'a\\u{3164}b\\u{2800}c\\u{ad}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half\ud800', 'half\\u{d800}'],
    [' a/b / c', '\\u{20}a/b\\u{20}/\\u{20}c'],
    ['a   b', 'a\\u{20}\\u{20} b'],
  ] as const) {
    it(`is ${shown}`, () => {
      assert.equal(displayPath(path), shown);
    });
  }
});
