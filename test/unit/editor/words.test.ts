import assert from 'node:assert/strict';
import { counted, size } from '../../../src/editor/counted.ts';
import { clock, duration } from '../../../src/editor/duration.ts';
import { labelText, notificationText, plainText } from '../../../src/editor/plain-text.ts';

describe('durations and counts in words', () => {
  for (const [ms, words] of [
    [0, '0.0 s'],
    [1240, '1.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_720_000, '1 h 02 min'],
  ] as const) {
    it(`${String(ms)} ms is ${words}`, () => {
      assert.equal(duration(ms), words);
    });
  }

  it('a clock counts whole seconds', () => {
    assert.deepEqual([7_900, 750_000, 3_750_000].map(clock), ['0:07', '12:30', '1:02:30']);
  });

  it('one is one and more are many', () => {
    assert.deepEqual(
      [counted(1, 'file'), counted(2, 'file'), counted(1234, 'file')],
      ['1 file', '2 files', '1,234 files'],
    );
  });

  it('sizes have the unit that keeps them short', () => {
    assert.deepEqual([1, 999, 1000, 99_499, 123_456, 999_600, 12_345_678, 2e9].map(size), [
      ...['1 byte', '999 bytes', '1.0 kB', '99.5 kB', '123 kB', '1.0 MB', '12.3 MB', '2.0 GB'],
    ]);
  });
});

describe('text from outside in messages', () => {
  it('keeps letters of every kind and line feeds', () => {
    assert.equal(plainText('é 日本 😀\nb'), 'é 日本 😀\nb');
  });

  it('loses what acts, hides or reorders', () => {
    assert.equal(plainText('a\x1b[31m\u202eb\u200bc\ufeffd\u2028e\u009b'), 'a�[31m�b�c�d�e�');
  });

  it('makes no picture in a list', () => {
    assert.equal(labelText('$(trash) a\u202e'), '$ (trash) a\ufffd');
  });

  it('makes no link in a notification', () => {
    assert.equal(notificationText('[click](command:x)'), '[click] (command:x)');
  });
});
