import assert from 'node:assert/strict';
import { biggestFolders } from '../../../src/core/workspace/folder-size.ts';

const paths = (files: Record<string, number>, by: 'files' | 'bytes' = 'bytes', most = 3): string[] =>
  biggestFolders(
    Object.entries(files).map(([path, size]) => ({ path, size })),
    { by, most },
  ).map(({ path }) => path);

describe('the biggest folders', () => {
  it('are the deepest that hold nearly all of another, largest first', () => {
    const files = { 'a/b/c/1': 50, 'a/b/c/2': 45, 'a/b/3': 5, 'd/1': 20, 'e/f/1': 1, x: 1000 };
    assert.deepEqual(paths(files), ['a/b/c/', 'd/', 'e/f/']);
    assert.deepEqual(paths(files, 'bytes', 1), ['a/b/c/']);
  });

  it('are whole where what they hold is spread', () => {
    assert.deepEqual(paths({ 'a/b/1': 10, 'a/c/1': 10, 'a/d/1': 10, 'e/1': 1 }), ['a/', 'e/']);
  });

  it('are counted by files where that is asked', () => {
    const files = { 'a/1': 1, 'a/2': 1, 'b/1': 100 };
    assert.deepEqual(paths(files, 'files'), ['a/', 'b/']);
    assert.deepEqual(paths(files), ['b/', 'a/']);
    assert.deepEqual(biggestFolders([{ path: 'a/1', size: 3 }], { by: 'files', most: 1 }), [
      { path: 'a/', files: 1, bytes: 3 },
    ]);
  });

  it('are none where all is at the top', () => {
    assert.deepEqual(paths({ a: 1, b: 2 }), []);
  });
});
