import assert from 'node:assert/strict';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { memoryDuring } from '../../../bench/memory.ts';
import { skip } from '../../support/reporting/skip.ts';

const MIB = 1024 * 1024;

describe('memory while something happens', () => {
  before(function () {
    try {
      accessSync('/proc/self/clear_refs', constants.W_OK);
    } catch {
      skip(this, 'the high-water mark cannot be reset on this machine');
    }
  });

  it('knows a peak that is over when one looks, and forgets the one before', async () => {
    const [first] = await memoryDuring(process.pid, async () => {
      // What a thread has is given back when it ends.
      await once(new Worker(`new Uint8Array(${String(256 * MIB)}).fill(1)`, { eval: true }), 'exit');
    });
    assert.ok(first.peak - first.before > 250 * MIB, JSON.stringify(first));
    assert.ok(first.peak - first.after > 200 * MIB, JSON.stringify(first));
    const [second] = await memoryDuring(process.pid, () => Promise.resolve());
    assert.ok(second.peak < first.peak - 200 * MIB, JSON.stringify([first, second]));
  });
});
