import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';

describe('a store on a disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-store-'));
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true, force: true });
  });

  const lock = (): string =>
    join(folder, '.incoming', `.lock${createHash('sha256').update('a').digest('hex')}`);

  it('takes over the lock of a process that has gone', async () => {
    const store = new DiskStore(folder);
    const etag = (await store.put('a', Buffer.from('one'))) ?? '';
    mkdirSync(lock());
    const long = Date.now() / 1000 - 11;
    utimesSync(lock(), long, long);
    assert.notEqual(await store.put('a', Buffer.from('two'), { ifMatch: etag }), undefined);
  });

  it('leaves a lock alone that is held, however long it has waited for others before', async () => {
    const now = Date.now();
    mock.timers.enable({ apis: ['Date'], now });
    const store = new DiskStore(folder);
    const etag = (await store.put('a', Buffer.from('one'))) ?? '';
    mkdirSync(lock());
    let isDone = false;
    const putting = store.put('a', Buffer.from('two'), { ifMatch: etag }).finally(() => (isDone = true));
    await delay(20);
    utimesSync(lock(), now / 1000 + 60, now / 1000 + 60);
    mock.timers.setTime(now + 61_000);
    await delay(50);
    assert.equal(isDone, false);
    rmdirSync(lock());
    assert.notEqual(await putting, undefined);
  });
});
