import assert from 'node:assert/strict';
import { foldersOf, foldName, foldPath } from '../../../src/core/changes/fold.ts';

describe('folding a name', () => {
  for (const [a, b, what] of [
    ['README', 'readme', 'case'],
    ['caf\u00e9', 'cafe\u0301', 'Unicode form'],
    ['a\u200cb', 'ab', 'a zero-width character'],
    ['a\u202eb', 'ab', 'a bidirectional override'],
    ['\ufeffab', 'ab', 'a byte order mark'],
    ['a\ufe0f', 'a', 'a variation selector'],
    ['stra\u00dfe', 'STRASSE', 'a letter with two capitals'],
    ['\u017fettings', 'settings', 'the long s'],
    ['\u212aey', 'key', 'the Kelvin sign'],
    ['o\ufb03ce', 'office', 'a ligature'],
    ['\u03bb\u03cc\u03b3\u03bf\u03c2', '\u039b\u038c\u0393\u039f\u03a3', 'the final sigma'],
  ] as const) {
    it(`makes one of two that differ in ${what}`, () => {
      assert.equal(foldName(a), foldName(b));
    });
  }

  it('keeps apart what every file system keeps apart', () => {
    assert.equal(new Set(['a', 'b', 'a.txt', 'a.', 'a b', 'ab', '\u00e4', '\u0430'].map(foldName)).size, 8);
  });

  it('leaves the folders of a path apart', () => {
    assert.equal(foldPath('A/B c/D'), 'a/b c/d');
    assert.deepEqual([...foldersOf('a/b/c')], ['a', 'a/b']);
    assert.deepEqual([...foldersOf('a')], []);
  });
});
