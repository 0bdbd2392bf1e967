import assert from 'node:assert/strict';
import { placeOf, placeRoots } from '../../../src/core/workspace/roots.ts';
import { parseSnapshot, snapshotEntry, snapshotFile } from '../../../src/core/workspace/snapshot-file.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const hash = 'a'.repeat(64);
const file = (path: string) => ({ kind: 'file' as const, path, mode: 0o644, size: 1, hash });
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('looking things up in a snapshot', () => {
  const folder = new TestFolder();

  it('finds each entry by its path, and nothing else', () => {
    for (let count = 0; count < 9; count++) {
      const paths = Array.from({ length: count }, (_, index) => `f/${String(index)}`);
      const snapshot: Snapshot = { format: 1, entries: paths.map(file) };
      for (const path of paths) assert.equal(snapshotFile(snapshot, path)?.path, path);
      for (const path of ['', 'f', 'f/', 'f/00', 'g', 'f/9'])
        assert.equal(snapshotEntry(snapshot, path), undefined);
    }
    const link = { kind: 'link' as const, path: 'l', target: 't' };
    assert.equal(snapshotFile({ format: 1, entries: [link] }, 'l'), undefined);
    assert.deepEqual(snapshotEntry({ format: 1, entries: [link] }, 'l'), link);
  });

  it('refuses what is no snapshot', () => {
    for (const value of [
      Buffer.from('{'),
      bytes({ format: 2, entries: [] }),
      bytes({ format: 1, entries: [file('../x')] }),
      bytes({ format: 1, entries: [file('b'), file('a')] }),
      bytes({ format: 1, entries: [file('a'), file('a')] }),
    ]) {
      assert.throws(() => parseSnapshot(value), { code: 'bad-frame' });
    }
    assert.deepEqual(parseSnapshot(bytes({ format: 1, entries: [file('a')] })).entries, [file('a')]);
  });

  it('knows where a path lies, with one root and with several', () => {
    folder.put('one/x');
    folder.put('two/x');
    const [one, two] = ['one', 'two'].map((path) => ({ path: folder.at(path) }));
    assert.ok(one && two);
    assert.equal(placeOf(placeRoots([one]), 'a/b'), folder.at('one/a/b'));
    const roots = placeRoots([one, two]);
    assert.equal(placeOf(roots, 'two/a/b'), folder.at('two/a/b'));
    assert.equal(placeOf(roots, 'three/a'), undefined);
    assert.equal(placeOf(roots, 'on'), undefined);
  });
});
