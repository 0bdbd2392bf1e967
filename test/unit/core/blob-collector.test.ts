import assert from 'node:assert/strict';
import { BlobCollector } from '../../../src/core/blob-collector.ts';

const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
const part = (hash: string, text: string, last: boolean) =>
  ({ seq: 1, time: 1, type: 'blob', hash, base64: Buffer.from(text).toString('base64'), last }) as const;

describe('contents that travel in a stream', () => {
  it('are there once their last part has come, each under its hash and run', () => {
    const blobs = new BlobCollector();
    blobs.add('a', part(one, 'he', false));
    blobs.add('a', part(two, 'wor', false));
    blobs.add('b', part(one, 'other', false));
    assert.equal(blobs.take('a', one), undefined);
    blobs.add('a', part(one, 'llo', false));
    blobs.add('a', part(two, 'ld', true));
    blobs.add('a', part(one, '', true));
    assert.deepEqual([blobs.take('a', one), blobs.take('a', two)].map(String), ['hello', 'world']);
    assert.equal(blobs.take('b', one), undefined);
  });

  it('are there as often as they are asked for: files of one content share it', () => {
    const blobs = new BlobCollector();
    blobs.add('a', part(one, 'x', true));
    assert.equal(String(blobs.take('a', one)), 'x');
    assert.equal(String(blobs.take('a', one)), 'x');
  });

  it('may be empty, and come again', () => {
    const blobs = new BlobCollector();
    blobs.add('a', part(one, '', true));
    assert.equal(String(blobs.take('a', one)), '');
    blobs.add('a', part(one, '', true));
    assert.equal(String(blobs.take('a', one)), '');
  });
});
