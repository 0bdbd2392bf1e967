import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRequest } from '../../src/core/program/program.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { Finish } from '../../src/editor/run/finish.ts';
import { LostRun } from '../../src/editor/run/lost-run.ts';
import { RecordStore } from '../../src/editor/run/record-store.ts';
import type { RunRecord } from '../../src/editor/run/record.ts';
import { UnshownView } from '../../src/editor/run/run-view.ts';
import { Runs } from '../../src/editor/run/runs.ts';
import { OffloadError } from '../../src/protocol/error.ts';
import { queuedEvent } from '../../src/protocol/event.ts';
import { LANGUAGES } from '../../src/protocol/languages.ts';
import type { Offload } from '../../src/editor/offload.ts';
import './support/backend.ts';
import { fresh } from './support/extension.ts';

describe('a run that was claimed and then lost', () => {
  let offload: Offload;
  let folder: string;
  let records: RecordStore;
  /** The ids that were submitted, and why each submission ends, in their order. */
  let submitted: string[];
  let ends: OffloadError[];
  let runs: Runs;

  beforeEach(async () => {
    ({ offload } = await fresh());
    folder = await mkdtemp(join(tmpdir(), 'lost-'));
    records = new RecordStore(folder);
    submitted = [];
    const sandbox = {
      async *submit({ runId }: { runId: string }) {
        submitted.push(runId);
        const end = ends.shift();
        // A claim alone, which nobody carries out.
        if (end?.code === 'no-backend') yield await Promise.resolve(queuedEvent(runId, Date.now()));
        if (end !== undefined) throw end;
        yield queuedEvent(runId, Date.now());
        yield {
          type: 'completed',
          seq: 2,
          time: Date.now(),
          exitCode: 0,
          usage: { wallMs: 1, outputBytes: 0 },
        };
      },
    } as never as Sandbox;
    const { reviews, dialogs, log } = offload;
    const report = () => undefined;
    const sandboxOf = () => sandbox;
    const end = new Finish({ sandboxOf, records, reviews, dialogs: () => dialogs, log, report });
    runs = new Runs({ sandboxOf, viewOf: () => new UnshownView(() => true), end, report });
  });
  afterEach(async () => {
    runs.dispose();
    await rm(folder, { recursive: true });
  });

  /** A request of which nothing was sent, and its record, which is kept. */
  async function prepared() {
    const [language] = LANGUAGES;
    assert.ok(language);
    const request = runRequest({ language, entry: 'a.py', code: 'pass', title: 'a.py' });
    const { runId } = request;
    const record: RunRecord = {
      ...{ format: 1, runId, title: 'a.py', details: [], createdAt: Date.now(), folders: [], sent: [] },
    };
    await records.save(record);
    return { runId, request, record };
  }

  it('is begun by its id alone, whatever refuses the tries between', async () => {
    const { runId, request, record } = await prepared();
    ends = [
      new OffloadError('no-backend', 'Nobody carries it out.'),
      new OffloadError('login-expired', 'The login has run out.'),
    ];
    const lost = async (followed: Promise<void>): Promise<LostRun> => {
      const thrown: unknown = await followed.then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(thrown instanceof LostRun, 'who tries again follows the same run');
      assert.ok(await records.read(runId), 'its record is kept');
      return thrown;
    };
    const first = await lost(runs.follow(record, { request }));
    const second = await lost(first.followAgain());
    assert.equal(second.code, 'login-expired');
    await second.followAgain();
    assert.deepEqual(submitted, [runId, runId, runId]);
    assert.equal(await records.read(runId), undefined, 'it has ended');
  });

  it('leaves nothing where the first try was refused', async () => {
    const { runId, request, record } = await prepared();
    ends = [new OffloadError('login-expired', 'The login has run out.')];
    await assert.rejects(runs.follow(record, { request }), (error) => !(error instanceof LostRun));
    assert.equal(await records.read(runId), undefined);
  });
});
