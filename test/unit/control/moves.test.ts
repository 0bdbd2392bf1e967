import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Moves } from '../../../backend/src/control/moves.ts';
import { keepAccess } from '../../../backend/src/control/own-access.ts';
import type { RunRecord } from '../../../backend/src/control/run-record.ts';
import { NO_ENTRIES } from '../../../backend/src/relay/account.ts';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';
import { SegmentReader } from '../../../backend/src/store/journal/segment-reader.ts';
import { SegmentWriter } from '../../../backend/src/store/journal/segment-writer.ts';
import { runKeys } from '../../../backend/src/store/run-keys.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { MADE_UP_KEY } from '../../support/task/task-target.ts';

const SIGNING = 'made-up-signing-key-0123456789abcdef0123456789abcdef';
const ACCESS: ModelAccess = { provider: 'messages', key: MADE_UP_KEY };

/** Milliseconds of a lease: six of them is what a function has to begin. */
const LEASE = 20_000;

describe('the next epoch of a task', () => {
  let folder: string;
  let store: DiskStore;
  let moves: Moves;
  let record: RunRecord;
  let invoked: { grant: Grant; access: ModelAccess | undefined }[];
  let failing: Error | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-moves-'));
    store = new DiskStore(folder);
    invoked = [];
    failing = undefined;
    let access: ModelAccess | undefined;
    moves = new Moves({
      store,
      signing: () => Promise.resolve(SIGNING),
      lease: LEASE,
      invoke: (grant) => {
        if (failing !== undefined) return Promise.reject(failing);
        invoked.push({ grant, access });
        return Promise.resolve();
      },
      grant: ({ tenant, request }, epoch, own, continued) => {
        access = own;
        return Promise.resolve({
          ...{ type: 'grant', runId: request.runId, tenant, epoch, continued },
          ...{ url: 'http://control', token: 'token', leaseSeconds: 1, addresses: [] },
        });
      },
    });
    record = {
      tenant: 'tenant',
      createdAt: Date.now(),
      request: {
        ...{
          kind: 'task',
          version: 1,
          runId: newRunId(),
          title: 't',
          prompt: 'p',
          agent: { id: 'claude-code' },
        },
        ...{ budget: {}, limits: {}, network: 'open', execute: false },
      },
    };
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const keys = () => runKeys(record.request.runId);
  const line = (seq: number): Buffer =>
    Buffer.from(`${JSON.stringify({ seq, time: 1, type: 'notice', code: 'x', message: 'x' })}\n`);

  /** An epoch that a runner has left with a checkpoint, after so many calls of the model in all. */
  const left = async (epoch: number, requests: number, size = 4): Promise<void> => {
    const writer = new SegmentWriter(store, keys(), epoch);
    await writer.append(Buffer.alloc(0));
    await writer.append(line(epoch));
    await store.put(keys().checkpoint(epoch), Buffer.alloc(size));
    const ledger = { entries: { ...NO_ENTRIES, requests }, underWay: {} };
    await store.put(keys().ledger, Buffer.from(JSON.stringify(ledger)));
    await writer.fence(epoch + 1);
  };
  const read = async () => {
    const reader = new SegmentReader(store, keys());
    let last = '';
    for (let next = await reader.next(); next !== undefined; next = await reader.next())
      last = next.lines.toString();
    return { reader, last };
  };
  /** As if it had been begun longer ago than a function takes to begin. */
  const age = (epoch: number): void => {
    const then = (Date.now() - 7 * LEASE) / 1000;
    utimesSync(join(folder, keys().move(epoch)), then, then);
  };
  const goesOn = async (): Promise<boolean> => moves.goesOn(record, (await read()).reader.position);
  const begun = (): [number, number | undefined][] =>
    invoked.map(({ grant }) => [grant.epoch, grant.continued?.seq]);

  it('is begun as soon as the runner says that it has left, in the numbers of the journal', async () => {
    await left(1, 1);
    await moves.leave(1, record);
    assert.deepEqual(begun(), [[2, 1]]);
    // Whoever looks at once waits for it.
    assert.equal(await goesOn(), true);
    assert.equal(invoked.length, 1);
  });

  it('is begun with the key that the request brought, whoever begins it; which is nowhere to be read', async () => {
    await keepAccess(store, keys(), SIGNING, ACCESS);
    await left(1, 1);
    assert.equal(await goesOn(), true);
    await moves.leave(1, record);
    await left(2, 2);
    assert.equal(await goesOn(), true);
    age(3);
    assert.equal(await goesOn(), true);
    assert.deepEqual(
      invoked.map(({ grant, access }) => [grant.epoch, access]),
      [2, 2, 3, 3].map((epoch) => [epoch, ACCESS]),
    );
    for await (const { key } of store.list('runs/')) {
      const found = await store.get(key);
      assert(found !== undefined && !found.bytes.includes(MADE_UP_KEY), key);
    }
  });

  it('is begun by whoever asks where the runner could not say that it has left', async () => {
    await left(1, 1);
    assert.equal(await goesOn(), true);
    assert.deepEqual(begun(), [[2, 1]]);
  });

  it('is begun again where that was lost, a few times', async () => {
    await left(1, 1);
    failing = new Error('no room');
    await assert.rejects(moves.leave(1, record), failing);
    failing = undefined;
    for (let times = 1; times < 4; times++) {
      assert.equal(await goesOn(), true);
      assert.equal(invoked.length, times - 1);
      age(2);
      assert.equal(await goesOn(), true);
      assert.equal(invoked.length, times);
    }
    age(2);
    assert.equal(await goesOn(), false);
    assert.equal(invoked.length, 3);
  });

  it('is begun at once where its runner says it again, for as long as nobody has heard it', async () => {
    await left(1, 1);
    failing = new Error('no room');
    for (let times = 0; times < 6; times++) await assert.rejects(moves.leave(1, record), failing);
    failing = undefined;
    await moves.leave(1, record);
    assert.deepEqual(begun(), [[2, 1]]);
    // What it says over and over costs no more than so much.
    for (let times = 0; times < 20; times++) await moves.leave(1, record);
    assert.equal(invoked.length, 10);
    // Whoever asks has their attempts all the same.
    age(2);
    assert.equal(await goesOn(), true);
    assert.equal(invoked.length, 11);
  });

  it('is begun once by several who ask at the same time', async () => {
    await left(1, 1);
    const { position } = (await read()).reader;
    const all = await Promise.all(Array.from({ length: 8 }, () => moves.goesOn(record, position)));
    assert.deepEqual(new Set(all), new Set([true]));
    assert.equal(invoked.length, 1);
  });

  it('is not begun for an epoch that has begun, or by the token of another one', async () => {
    await left(1, 1);
    await moves.leave(2, record);
    await moves.leave(7, record);
    await new SegmentWriter(store, keys(), 2).append(line(2));
    await moves.leave(1, record);
    assert.deepEqual(invoked, []);
  });

  it('ends the task where the one before made no progress', async () => {
    await left(1, 1);
    await moves.leave(1, record);
    await left(2, 1);
    await moves.leave(2, record);
    assert.deepEqual(begun(), [[2, 1]]);
    const { reader, last } = await read();
    assert(reader.ended);
    assert.match(last, /"seq":3,.*"failed".*no progress/);
  });

  it('goes on where there was some', async () => {
    await left(1, 1);
    await moves.leave(1, record);
    await left(2, 2);
    await moves.leave(2, record);
    assert.deepEqual(begun(), [
      [2, 1],
      [3, 2],
    ]);
  });

  it('ends the task where nothing was left to go on from', async () => {
    await left(1, 1);
    await store.delete(keys().checkpoint(1));
    assert.equal(await goesOn(), false);
    await moves.leave(1, record);
    assert.match((await read()).last, /"failed".*nothing to go on from/);
  });

  it('ends the task that goes on too often', async () => {
    const writer = new SegmentWriter(store, keys(), 1);
    await writer.append(line(1));
    await writer.fence(402);
    await store.put(keys().checkpoint(401), Buffer.alloc(4));
    await moves.leave(401, record);
    assert.match((await read()).last, /"failed".*too often/);
    assert.deepEqual(invoked, []);
  });

  it('leaves nothing behind when the task has ended', async () => {
    await left(1, 1);
    await keepAccess(store, keys(), SIGNING, ACCESS);
    await moves.leave(1, record);
    await moves.forget(record);
    const names: string[] = [];
    for await (const { key } of store.list('runs/')) names.push(key);
    assert.deepEqual(
      names.filter((key) => /moves|checkpoint/.test(key)),
      [],
    );
  });
});
