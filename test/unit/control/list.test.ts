import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control } from '../../../backend/src/control/control.ts';
import { noteRun } from '../../../backend/src/control/run-index.ts';
import { claimRun, type RunRecord } from '../../../backend/src/control/run-record.ts';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';
import { SegmentWriter } from '../../../backend/src/store/journal/segment-writer.ts';
import { runKeys } from '../../../backend/src/store/run-keys.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

const never = (): Promise<never> => Promise.reject(new Error('nobody asks for it'));

describe("control's list of runs", () => {
  let folder: string;
  let store: DiskStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-list-'));
    store = new DiskStore(folder);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  let times = 1000;
  const claimed = async (title: string): Promise<RunRecord> => {
    const runId = newRunId();
    const record: RunRecord = {
      tenant: 'tenant',
      createdAt: Date.now() - times--,
      request: {
        ...{ kind: 'run', version: PROTOCOL_VERSION, runId, title, language: 'bash', args: [] },
        ...{ entry: 'a.sh', files: [], env: {}, limits: {}, network: 'open' },
      },
    };
    await claimRun(store, runId, runKeys(runId), record);
    await noteRun(store, record, 'running');
    return record;
  };
  const listed = async (): Promise<[string, string][]> => {
    const control = new Control({
      ...{ store, secret: never, url: never, invoke: never, build: 'x', lease: 60_000, expireDays: 30 },
      ...{ vpc: false, closed: false },
      capabilities: {
        ...{ target: 'lambda', languages: [], network: ['open'], limits: [], attach: true, cancel: true },
        ...{ isolation: { kind: 'process', available: true, detail: '' }, maxRequestBytes: 1e6 },
        hostInterpreters: false,
      },
    });
    const found: [string, string][] = [];
    const request = { kind: 'runs', version: PROTOCOL_VERSION };
    for await (const frame of control.handle(request, new AbortController().signal)) {
      const { title, state } = JSON.parse(frame.toString()) as { title?: string; state?: string };
      if (title !== undefined) found.push([title, state ?? '']);
    }
    return found;
  };

  it('has all others where one of them cannot be read, or is gone', async () => {
    const good = await claimed('good');
    const lines = `${JSON.stringify({ seq: 1, time: 1, type: 'completed' })}\n`;
    await new SegmentWriter(store, runKeys(good.request.runId), 1).append(Buffer.from(lines));
    const gone = await claimed('gone');
    await store.delete(runKeys(gone.request.runId).request);
    const bad = await claimed('bad');
    await store.put(runKeys(bad.request.runId).request, Buffer.from('{"of": "another version"}'));
    await store.put('runs/index/8000000000000-cut', Buffer.from('{"type":'));
    await claimed('new');
    assert.deepEqual(await listed(), [
      ['new', 'running'],
      ['bad', 'running'],
      ['good', 'completed'],
    ]);
  });
});
