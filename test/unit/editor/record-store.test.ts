import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newRunId } from '../../../src/core/program/program.ts';
import { belongsTo, subjectOf, type RunRecord } from '../../../src/editor/run/record.ts';
import { RecordStore } from '../../../src/editor/run/record-store.ts';

const record = (more: Partial<RunRecord> = {}): RunRecord => ({
  format: 1,
  runId: newRunId(),
  title: 'a.py',
  details: ['/usr/bin/python3'],
  createdAt: Date.now(),
  folders: ['file:///w'],
  root: 'file:///w',
  document: 'file:///w/a.py',
  entry: 'a.py',
  sent: [{ path: 'a.py', mode: 0o644, content: { base64: 'AAH/' } }],
  ...more,
});

describe('the records of runs', () => {
  let folder: string;
  let store: RecordStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'records-'));
    store = new RecordStore(join(folder, 'runs'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('come back as they were saved, the oldest first', async () => {
    const [older, newer] = [record({ createdAt: Date.now() - 1000 }), record()];
    await store.save(newer);
    await store.save(older);
    assert.deepEqual(await store.all(), [older, newer]);
    assert.deepEqual(await new RecordStore(join(folder, 'runs')).read(newer.runId), newer);
  });

  it('say where a run is, and those that do not are of this computer', async () => {
    const target = {
      kind: 'lambda',
      account: '123456789012',
      region: 'eu-west-1',
      stack: 'offload',
    } as const;
    const away = record({ target, tenant: 'a'.repeat(32), hourUsd: 0.12 });
    await store.save(away);
    assert.deepEqual(await store.read(away.runId), away);
    const here = record();
    await store.save(here);
    assert.equal((await store.read(here.runId))?.target, undefined);
  });

  it('are replaced whole and removed with all that belongs to them', async () => {
    const saved = record();
    await store.save(saved);
    await store.save({ ...saved, changes: [] });
    await mkdir(join(store.folderOf(saved.runId), 'edits'));
    assert.deepEqual((await store.read(saved.runId))?.changes, []);
    await store.remove(saved.runId);
    assert.deepEqual(await readdir(join(folder, 'runs')), []);
  });

  it('are none where there is no folder yet', async () => {
    assert.deepEqual(await store.all(), []);
  });

  it('leave out what cannot be read, and what is not theirs alone', async () => {
    const odd = newRunId();
    await mkdir(store.folderOf(odd), { recursive: true });
    await writeFile(join(store.folderOf(odd), 'record.json'), '{"format":1');
    await mkdir(join(folder, 'runs', 'something-else'));
    assert.deepEqual(await store.all(), []);
    // Another window may be writing it.
    assert.deepEqual((await readdir(join(folder, 'runs'))).sort(), [odd, 'something-else'].sort());
  });

  it('are dropped after a month', async () => {
    const old = record({ createdAt: Date.now() - 31 * 24 * 3600 * 1000 });
    await store.save(old);
    const broken = newRunId();
    await mkdir(store.folderOf(broken));
    await utimes(store.folderOf(broken), 0, 0);
    assert.deepEqual(await store.all(), []);
    assert.deepEqual(await readdir(join(folder, 'runs')), []);
  });

  it('cannot be saved where the folder cannot be made, and that is said', async () => {
    await writeFile(join(folder, 'runs'), 'a file in the way');
    await assert.rejects(store.save(record()), { code: 'internal', message: /could not be noted down/ });
  });

  it('are taken up by windows with one of their folders', () => {
    assert.ok(belongsTo(record(), ['file:///x', 'file:///w']));
    assert.ok(!belongsTo(record(), ['file:///x']));
    assert.ok(!belongsTo(record(), []));
    assert.ok(belongsTo(record({ folders: [] }), []));
    assert.ok(!belongsTo(record({ folders: [] }), ['file:///w']));
  });

  const task = (conversation: string): RunRecord => {
    const { document: _, entry: _entry, ...rest } = record();
    return {
      ...rest,
      from: 'chat',
      roots: [{ name: 'one', uri: 'file:///w/one' }],
      sent: [{ path: 'a.py', mode: 0o644, size: 3, hash: 'a'.repeat(64) }],
      task: {
        prompt: 'do it',
        options: {
          ...{ agent: 'claude-code', budget: { usd: 1 }, minutes: 5, network: 'closed' },
          ...{ files: 'workspace', execute: false },
        },
        snapshot: 'b'.repeat(64),
        conversation,
        resume: conversation,
      },
    };
  };

  it('of tasks come back as they were saved too', async () => {
    const saved = task(newRunId());
    await store.save(saved);
    assert.deepEqual(await store.read(saved.runId), saved);
  });

  it('that share a subject share a terminal: a document, a conversation', () => {
    const conversation = newRunId();
    assert.equal(subjectOf(task(conversation)), subjectOf(task(conversation)));
    assert.notEqual(subjectOf(task(conversation)), subjectOf(task(newRunId())));
    assert.equal(subjectOf(record()), subjectOf(record()));
    assert.notEqual(subjectOf(record()), subjectOf(record({ document: 'file:///w/b.py' })));
  });
});
