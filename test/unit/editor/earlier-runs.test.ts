import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newRunId } from '../../../src/core/program/program.ts';
import { takeUpEarlierRuns } from '../../../src/editor/run/earlier-runs.ts';
import { RecordStore } from '../../../src/editor/run/record-store.ts';
import type { RunRecord } from '../../../src/editor/run/record.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

describe('a run whose backend is gone when a window begins', () => {
  const target = { kind: 'lambda', account: '123456789012', region: 'eu-west-1', stack: 'offload' } as const;
  let folder: string;
  let records: RecordStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'earlier-'));
    records = new RecordStore(folder);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const gone = () =>
    new OffloadError('no-backend', 'It is gone.', { fix: 'Deploy it with "offload deploy".' });

  /** A window begins. @param answers of its user, in their order */
  async function begin(place: { isKnown: boolean; isThere: boolean }, ...answers: string[]) {
    const asked: string[] = [];
    const reported: unknown[] = [];
    let followed = 0;
    await takeUpEarlierRuns(
      {
        records,
        reviews: {} as never,
        runs: {
          get: () => undefined,
          follow: () => {
            followed++;
            return place.isThere ? Promise.resolve() : Promise.reject(gone());
          },
        },
        targets: { requireKnown: () => (place.isKnown ? Promise.resolve() : Promise.reject(gone())) },
        dialogs: {
          ask: ({ message }) => {
            asked.push(message);
            return Promise.resolve(answers.shift());
          },
        },
        report: (error) => reported.push(error),
      },
      [],
    );
    // It is taken up in the background.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { asked, reported, followed };
  }

  async function leave(): Promise<string> {
    const runId = newRunId();
    const record: RunRecord = {
      ...{ format: 1, runId, title: 'a.py', details: [], createdAt: Date.now(), folders: [], sent: [] },
      target,
    };
    await records.save(record);
    return runId;
  }

  for (const [what, isKnown] of [
    ['this machine does not know it any more', false],
    ['AWS does not', true],
  ] as const) {
    it(`is told of once, and kept, where ${what}`, async () => {
      const runId = await leave();
      const first = await begin({ isKnown, isThere: false });
      assert.deepEqual(first.asked, [
        'a.py cannot be followed. It is gone. Deploy it with "Offload: Deploy Backend".',
      ]);
      assert.equal(first.followed, isKnown ? 1 : 0, 'no terminal opens for what is not known');
      const { asked, reported } = await begin({ isKnown, isThere: false });
      assert.deepEqual([asked, reported, first.reported], [[], [], []]);
      assert.ok(await records.read(runId));
      const back = await begin({ isKnown: true, isThere: true });
      assert.deepEqual([back.followed, back.asked], [1, []]);
    });
  }

  it('is told of where it cannot be taken up, whatever is in the way', async () => {
    await leave();
    const full = new Error('no space left on device');
    records.save = () => Promise.reject(full);
    const { asked, reported } = await begin({ isKnown: false, isThere: false });
    assert.deepEqual([asked, reported], [[], [full]]);
  });

  it('is forgotten where its user wants that', async () => {
    const runId = await leave();
    await begin({ isKnown: false, isThere: false }, 'Forget Run');
    assert.equal(await records.read(runId), undefined);
  });
});
