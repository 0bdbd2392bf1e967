import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { RunLog } from '../../../backend/src/control/run-log.ts';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';
import { SegmentWriter } from '../../../backend/src/store/journal/segment-writer.ts';
import { runKeys } from '../../../backend/src/store/run-keys.ts';
import type { Condition, StoreBody } from '../../../backend/src/store/store.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

/** A store of which something can befall a write before it is carried out. */
class WatchedStore extends DiskStore {
  beforePut: (key: string) => Promise<void> = () => Promise.resolve();
  override async put(key: string, body: StoreBody, condition?: Condition): Promise<string | undefined> {
    await this.beforePut(key);
    return super.put(key, body, condition);
  }
}

describe('a journal whose writer has shown no sign of life for long', () => {
  const runId = newRunId();
  const keys = runKeys(runId);
  let folder: string;
  let store: WatchedStore;
  let log: RunLog;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-log-'));
    store = new WatchedStore(folder);
    const goesOn = () => Promise.resolve(false);
    log = new RunLog({ store, runId, started: Date.now(), lease: 0, goesOn });
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true, force: true });
  });

  const line = (seq: number, type: string): Buffer =>
    Buffer.from(`${JSON.stringify({ seq, time: 1, type })}\n`);
  const inbox = async (): Promise<string | undefined> => {
    const found = await store.get(keys.inbox);
    return found === undefined ? undefined : found.bytes.toString();
  };

  it('is ended, and its writer told to stop', async () => {
    await new SegmentWriter(store, keys, 1).append(line(1, 'phase'));
    assert.equal(await log.state(), 'failed');
    assert.match((await inbox()) ?? '', /cancel/);
  });

  it('goes on where the writer lives after all, which is not told to stop', async () => {
    const writer = new SegmentWriter(store, keys, 1);
    await writer.append(line(1, 'phase'));
    store.beforePut = async () => {
      store.beforePut = () => Promise.resolve();
      await writer.append(line(2, 'completed'));
    };
    assert.equal(await log.state(), 'completed');
    assert.equal(await inbox(), undefined);
  });

  it('holds nobody up for good where the store does not take its end', async () => {
    await new SegmentWriter(store, keys, 1).append(line(1, 'phase'));
    let tries = 0;
    store.beforePut = () => {
      tries++;
      return Promise.reject(new OffloadError('interrupted', 'The store is slow.'));
    };
    mock.timers.enable({ apis: ['setTimeout'] });
    const refused = assert.rejects(log.state(), { code: 'interrupted', message: /does not take the end/ });
    while (tries < 2) await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(20_000);
    await refused;
  });
});
