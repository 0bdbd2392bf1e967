import assert from 'node:assert/strict';
import { refusedName } from '../../../src/core/changes/name.ts';

describe('a path that is refused', () => {
  for (const path of [
    '',
    '/etc/passwd',
    '../a',
    'a/../../b',
    'a/./b',
    'a//b',
    'a/',
    'a\0b',
    `${'a/'.repeat(2048)}b`,
  ]) {
    it(`is ${JSON.stringify(path.slice(0, 20))} on every platform`, () => {
      for (const platform of ['linux', 'darwin', 'win32'] as const) assert.ok(refusedName(path, platform));
    });
  }

  it('is one with half a surrogate, which would be written under another name', () => {
    assert.match(refusedName('a\ud800', 'linux') ?? '', /Unicode/);
  });

  for (const path of [
    'C:\\Windows\\x',
    'C:x',
    '\\\\server\\share\\x',
    'a\\..\\..\\b',
    'a/b.txt:stream',
    'a/b.txt::$DATA',
    '.git::$INDEX_ALLOCATION/config',
    'CON',
    'nul',
    'Aux.txt',
    'a/com1.tar.gz',
    'LPT\u00b9',
    'NUL .txt',
    'CONIN$',
    'a./b',
    'a /b',
    'b...',
    'a?b',
    'a*b',
    'a<b>',
    'a|b',
    'a"b',
    'a\nb',
  ]) {
    it(`is ${JSON.stringify(path)} on Windows, and a plain name on Linux`, () => {
      assert.ok(refusedName(path, 'win32'));
      assert.equal(refusedName(path, 'linux'), undefined);
    });
  }

  it('is no name that only resembles one of these', () => {
    for (const path of [
      'console.txt',
      'com10',
      'nullable',
      'a.con',
      'auxiliary/x',
      '.a',
      'a b',
      '...a',
      'COM',
      'a~1',
    ]) {
      assert.equal(refusedName(path, 'win32'), undefined, path);
    }
  });
});
