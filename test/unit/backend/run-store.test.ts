import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../../backend/src/journal/journal.ts';
import { RunStore } from '../../../backend/src/runs/run-store.ts';
import { newRunId } from '../../../src/core/program/program.ts';

describe('the store of runs', () => {
  let folder: string;
  let store: RunStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 's-'));
    store = new RunStore(folder, 'own-address');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const claim = (runId = newRunId(), at = store): string => {
    assert.equal(at.claim({ runId, title: 'a\u001b title', language: 'python' }), true);
    return runId;
  };
  const end = (runId: string): void => {
    new Journal(store.journal(runId)).append({ type: 'cancelled', usage: { wallMs: 0, outputBytes: 0 } });
  };

  it('gives an id once, to whichever backend claims it first', async () => {
    const runId = claim();
    const other = new RunStore(folder, 'other-address');
    assert.equal(other.claim({ runId, title: 'other', language: 'bash' }), false);
    const record = await other.record(runId);
    assert.partialDeepStrictEqual(record, {
      runId,
      title: 'a\u001b title',
      language: 'python',
      owner: 'own-address',
    });
    assert.deepEqual([store.isOwn(record), other.isOwn(record)], [true, false]);
  });

  it('knows no other runs, nor one whose record is broken', async () => {
    await assert.rejects(store.record(newRunId()), { code: 'unknown-run' });
    const runId = claim();
    for (const broken of ['', '{', '{}', 'null', '{"runId":1}']) {
      writeFileSync(join(folder, runId, 'run.json'), broken);
      await assert.rejects(store.record(runId), { code: 'unknown-run' });
    }
  });

  it('keeps no code, input or variables in the record', () => {
    const runId = newRunId();
    const request = {
      runId,
      title: 't',
      language: 'python',
      code: 'SECRET',
      env: { A: 'SECRET' },
      args: ['SECRET'],
    };
    store.claim(request);
    assert(!readFileSync(join(folder, runId, 'run.json'), 'utf8').includes('SECRET'));
  });

  it('lists what is there, newest first, and passes over what is not whole', async () => {
    const all: string[] = [];
    for (let i = 0; i < 3; i++) {
      all.push(claim());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    end(all[0] ?? '');
    new Journal(store.journal(all[1] ?? '')).append({ type: 'phase', phase: 'queued' });
    end(all[2] ?? '');
    const unwritten = claim();
    mkdirSync(join(folder, 'something else'));
    writeFileSync(join(folder, newRunId()), 'a file');
    const list = await store.list();
    assert.deepEqual(
      list.map(({ runId, state }) => [runId, state]),
      [
        [unwritten, 'running'],
        [all[2], 'cancelled'],
        [all[1], 'running'],
        [all[0], 'cancelled'],
      ],
    );
  });

  it('forgets the oldest that have ended, and none that goes on', async () => {
    const going = claim();
    new Journal(store.journal(going)).append({ type: 'phase', phase: 'queued' });
    const ended: string[] = [];
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      ended.push(claim());
      end(ended[i] ?? '');
    }
    await store.prune(2);
    assert.deepEqual(
      [going, ...ended].map((runId) => existsSync(join(folder, runId))),
      [true, false, false, true, true],
    );
  });
});
