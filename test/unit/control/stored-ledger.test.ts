import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { StoredLedger } from '../../../backend/src/control/stored-ledger.ts';
import type { Ask } from '../../../backend/src/relay/account.ts';
import { Ledger } from '../../../backend/src/relay/ledger.ts';
import { NO_TOKENS, USUAL_TERMS } from '../../../backend/src/relay/tokens.ts';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';
import { runKeys } from '../../../backend/src/store/run-keys.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { shortFolder } from '../../support/target/local-target.ts';

const never = new AbortController().signal;
const ask: Ask = {
  price: undefined,
  factor: 1,
  inputTokens: 100,
  maxTokens: 1000,
  terms: USUAL_TERMS,
};
const taken = (output: number) => ({ tokens: { ...NO_TOKENS, input: 100, output }, terms: USUAL_TERMS });

describe('a ledger in the store', () => {
  const folder = shortFolder();
  const store = new DiskStore(folder);
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const ledgers = (tokens: number, callTime = 60_000): (() => StoredLedger) => {
    const keys = runKeys(newRunId());
    return () => new StoredLedger(store, keys, { tokens }, callTime);
  };

  it('counts as the one in memory does', async () => {
    const stored = ledgers(5000)();
    const own = new Ledger({ tokens: 5000 }, () => undefined);
    for (const output of [10, 900, 1000]) {
      for (const ledger of [stored, own]) {
        const reservation = await ledger.reserve(ask, never);
        reservation?.settle(taken(output));
      }
      await stored.settled();
      assert.deepEqual(stored.usage, own.usage);
    }
  });

  it('holds one budget among environments that know nothing of each other', async () => {
    const make = ledgers(10_000);
    let spent = 0;
    const spend = async (): Promise<void> => {
      const ledger = make();
      const reservation = await ledger.reserve(ask, never);
      if (reservation === undefined) return;
      spent += 100 + reservation.maxTokens;
      reservation.settle(taken(reservation.maxTokens));
      await ledger.settled();
    };
    await Promise.all(Array.from({ length: 16 }, spend));
    assert(spent <= 10_000 && spent > 9000, String(spent));
    assert.equal(await make().reserve({ ...ask, inputTokens: 10_000 }, never), undefined);
  });

  it('counts once what is written although its answer is lost', async () => {
    let puts = 0;
    const losing = {
      get: store.get.bind(store),
      // The SDK asks again by itself, and finds its own write in its way.
      put: async (...args: Parameters<DiskStore['put']>) => {
        const etag = await store.put(...args);
        return puts++ % 2 === 0 ? undefined : etag;
      },
    };
    const ledger = new StoredLedger(losing, runKeys(newRunId()), { tokens: 5000 }, 60_000);
    const own = new Ledger({ tokens: 5000 }, () => undefined);
    for (const each of [ledger, own]) {
      for (let calls = 0; calls < 3; calls++) (await each.reserve(ask, never))?.settle(taken(10));
      if (each === ledger) await ledger.settled();
    }
    assert.deepEqual(ledger.usage, own.usage);
    assert((await ledger.reserve({ ...ask, maxTokens: 10_000 }, never))?.maxTokens === 5000 - 3 * 110 - 100);
  });

  it('keeps what a call may have taken whose maker has died, and lets nobody wait for it', async () => {
    const make = ledgers(1500, 50);
    assert.notEqual(await make().reserve(ask, never), undefined);
    assert((await make().reserve(ask, never))?.maxTokens === 300);
    assert.equal(await make().reserve(ask, never), undefined);
  });
});
