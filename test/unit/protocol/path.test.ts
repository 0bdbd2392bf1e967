import assert from 'node:assert/strict';
import { isWorkspacePath, MAX_PATH_BYTES } from '../../../src/protocol/path.ts';

describe('a path inside a workspace', () => {
  const good = [
    'a',
    'a/b/c',
    '.env',
    '..a',
    'a..',
    '...',
    'a b',
    'a\nb',
    'ü€😀',
    '-rf',
    'C:',
    'a\\..\\b',
    '~',
    'x'.repeat(MAX_PATH_BYTES),
  ];
  for (const path of good) {
    it(`may be ${JSON.stringify(path.slice(0, 20))}`, () => {
      assert.equal(isWorkspacePath(path), true);
    });
  }
  const bad = [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    './a',
    'a/.',
    'a/..',
    '../a',
    'a/../b',
    'a/./b',
    'a\0b',
    'x'.repeat(MAX_PATH_BYTES + 1),
    '€'.repeat(MAX_PATH_BYTES / 3 + 1),
  ];
  for (const path of bad) {
    it(`may not be ${JSON.stringify(path.slice(0, 20))}`, () => {
      assert.equal(isWorkspacePath(path), false);
    });
  }
});
