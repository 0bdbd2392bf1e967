import assert from 'node:assert/strict';
import { snapshotOf } from '../../../src/core/changes/snapshot.ts';

describe('a snapshot', () => {
  it('holds each file that was sent, by its path, with the hash of its bytes', () => {
    const snapshot = snapshotOf([
      { path: 'a.txt', mode: 0o755, content: { text: 'abc' } },
      { path: 'b/\u00e9.bin', mode: 0o644, content: { base64: '/wA=' } },
    ]);
    assert.deepEqual([...snapshot.keys()], ['a.txt', 'b/\u00e9.bin']);
    assert.deepEqual(snapshot.get('a.txt'), {
      hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      mode: 0o755,
      size: 3,
      content: Buffer.from('abc'),
    });
    assert.deepEqual(snapshot.get('b/\u00e9.bin')?.content, Buffer.from([0xff, 0]));
  });

  it('is refused where a path is there twice', () => {
    const file = { path: 'a\u001b.txt', mode: 0o644, content: { text: '' } };
    assert.throws(() => snapshotOf([file, file]), {
      code: 'bad-request',
      message: /^a\\u\{1b\}\.txt is twice/,
    });
  });
});
