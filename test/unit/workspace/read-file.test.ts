import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Pace } from '../../../src/core/workspace/pace.ts';
import { readStable } from '../../../src/core/workspace/read-file.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

describe('a file that is read for a snapshot', () => {
  const folder = new TestFolder();
  const read = (place: string) => readStable(place, () => undefined, new Pace(undefined));

  for (const size of [0, 1, 1024 * 1024, 1024 * 1024 + 1, 3_500_000]) {
    it(`of ${String(size)} bytes has its hash and size`, async () => {
      const content = Buffer.alloc(size, 'content of a file ');
      const found = await read(folder.put('file', content));
      assert.deepEqual([found?.hash, found?.size, found?.stable], [sha256(content), size, true]);
    });
  }

  for (const [what, size] of [
    ['small', 500_000],
    ['large', 8_000_000],
  ] as const) {
    it(`has the hash of what was read, be it ${what} and changing all the time`, async () => {
      const place = folder.put('file', Buffer.alloc(size, 'x'));
      const stop = new Int32Array(new SharedArrayBuffer(4));
      // Writes over its beginning and adds to its end, as fast as it can.
      const writer = new Worker(
        `const { openSync, writeSync, closeSync } = require('node:fs');
         const { workerData: { place, stop } } = require('node:worker_threads');
         const [file, end] = [openSync(place, 'r+'), openSync(place, 'a')];
         for (let count = 0; Atomics.load(stop, 0) === 0; count++) {
           writeSync(file, String(count % 10), 0);
           writeSync(end, 'y');
           if (count === 1000) Atomics.store(stop, 0, 0), require('node:worker_threads').parentPort.postMessage('on');
         }`,
        { eval: true, workerData: { place, stop } },
      );
      try {
        await new Promise((resolve) => writer.once('message', resolve));
        let unstable = 0;
        for (let round = 0; round < 3000 && unstable < 3; round++) {
          await setImmediate();
          const found = await read(place);
          assert.ok(found);
          assert.ok(found.size >= size);
          if (found.stable) continue;
          unstable += 1;
          assert.equal(found.content !== undefined, found.size <= 1024 * 1024);
          if (found.content)
            assert.deepEqual([sha256(found.content), found.content.length], [found.hash, found.size]);
        }
        assert.ok(unstable > 0, 'the writer was never seen at work');
      } finally {
        Atomics.store(stop, 0, 1);
        await new Promise((resolve) => writer.once('exit', resolve));
      }
      assert.equal((await read(place))?.hash, sha256(readFileSync(place)));
    });
  }

  it('is none where it is a folder or a link', async () => {
    mkdirSync(folder.at('folder'));
    folder.put('file');
    folder.link('link', 'file');
    assert.equal(await read(folder.at('folder')), undefined);
    await assert.rejects(read(folder.at('link')), { code: 'ELOOP' });
    await assert.rejects(read(folder.at('missing')), { code: 'ENOENT' });
  });

  it('is not read where its size is not accepted', async () => {
    const place = folder.put('file', '');
    truncateSync(place, 2 ** 40);
    const refused = new Error('too large');
    const accept = (size: number): void => {
      assert.equal(size, 2 ** 40);
      throw refused;
    };
    await assert.rejects(readStable(place, accept, new Pace(undefined)), refused);
  });
});
