import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import { readSnapshot } from '../../../backend/src/workspace/read-snapshot.ts';
import { writeSnapshot } from '../../../backend/src/workspace/write-snapshot.ts';
import { hasStamp } from '../../../backend/src/workspace/baseline.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { skip } from '../../support/reporting/skip.ts';
import { hashOf, putTree, snapshotOf, treeIn, wholePart, type Tree } from '../../support/workspace/trees.ts';

describe('a snapshot', () => {
  let base: string;
  let folder: string;
  let store: BlobStore;
  const signal = new AbortController().signal;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'w-'));
    folder = join(base, 'workspace');
    store = new BlobStore(join(base, 'blobs'));
  });
  afterEach(() => {
    store.dispose();
    rmSync(base, { recursive: true, force: true });
  });

  const write = async (name: string, owner?: number) =>
    writeSnapshot({ folder, owner }, await readSnapshot(store, name), store, signal);
  /** Puts a list of files as it is, and reads it. */
  const readList = async (list: unknown): Promise<Snapshot> => {
    const text = typeof list === 'string' ? list : JSON.stringify(list);
    await store.put([wholePart(text)]);
    return readSnapshot(store, hashOf(text));
  };
  const file = (path: string, content = 'x') => ({
    kind: 'file',
    path,
    mode: 0o644,
    size: content.length,
    hash: hashOf(content),
  });
  const link = (path: string, target = 'x') => ({ kind: 'link', path, target });
  const list = (...entries: unknown[]) => ({ format: 1, entries });

  it('is written as it is: files, programs, links to anywhere and nowhere', async () => {
    const tree: Tree = {
      'a.txt': 'a',
      'deep/er/file': Buffer.alloc(1_000_000, 'large'),
      'deep/link': { link: '../a.txt' },
      empty: '',
      outside: { link: '/etc/passwd' },
      nowhere: { link: 'nothing\\here' },
      'same as a': 'a',
      tool: { program: '#!/bin/sh' },
      'ünï/✓': 'name',
    };
    const baseline = await write(await putTree(store, tree));
    const read = treeIn(folder);
    assert.deepEqual({ ...read, 'deep/er/file': '' }, { ...tree, 'deep/er/file': '' });
    assert.deepEqual(readFileSync(join(folder, 'deep/er/file')), tree['deep/er/file']);
    assert.deepEqual([...baseline.keys()].sort(), Object.keys(tree).sort());
    const modes = ['', 'deep', 'a.txt', 'tool'].map((path) => lstatSync(join(folder, path)).mode & 0o777);
    assert.deepEqual(modes, [0o700, 0o755, 0o644, 0o755]);
  });

  it('shares no file with the store: what happens to the one does not happen to the other', async () => {
    await write(await putTree(store, { a: 'content', b: Buffer.alloc(1_000_000, 'b') }));
    for (const path of ['a', 'b']) {
      assert.equal(lstatSync(join(folder, path)).nlink, 1);
      writeFileSync(join(folder, path), 'overwritten');
    }
    assert.equal(readFileSync(store.file(hashOf('content')), 'utf8'), 'content');
  });

  it('belongs to whom it is made for, links and folders too', async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can give files away');
    await write(
      await putTree(store, {
        'd/f': '',
        'd/large': Buffer.alloc(1_000_000),
        link: { link: '/etc/passwd' },
      }),
      65534,
    );
    for (const path of ['', 'd', 'd/f', 'd/large', 'link'])
      assert.deepEqual([path, lstatSync(join(folder, path)).uid], [path, 65534]);
    assert.equal(lstatSync('/etc/passwd').uid, 0);
  });

  it('is known afterwards without reading it, but for what was written last', async () => {
    const tree = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${String(i)}`, String(i)]));
    const baseline = await write(await putTree(store, tree));
    let stamps = 0;
    let latest = 0;
    for (const [path, entry] of baseline) {
      assert.equal(entry.kind, 'file');
      const stats = lstatSync(join(folder, path));
      latest = Math.max(latest, stats.ctimeMs);
      if (entry.stamp === undefined) continue;
      stamps++;
      assert(hasStamp(stats, entry.stamp));
    }
    assert(stamps > 1000, `${String(stamps)} are known`);
    for (const entry of baseline.values())
      if (entry.kind === 'file' && entry.stamp !== undefined) assert(entry.stamp.changedMs < latest - 10);
  });

  it('is not written where contents are missing, and how many is said', async () => {
    const name = await putTree(store, { a: '1', b: '2', c: '3' });
    for (const content of ['1', '3']) rmSync(store.file(hashOf(content)));
    await assert.rejects(write(name), { code: 'unknown-snapshot', message: /^The contents of 2 files/ });
    assert(!existsSync(folder));
    await assert.rejects(write(hashOf('no snapshot')), { code: 'unknown-snapshot' });
  });

  it('asks again for a content that a crash has cut', async () => {
    const name = await putTree(store, { a: 'content' });
    truncateSync(store.file(hashOf('content')), 3);
    await assert.rejects(write(name), { code: 'unknown-snapshot' });
    assert.deepEqual(await store.missing([hashOf('content')]), [hashOf('content')]);
  });

  it('is not written where it lies about a size', async () => {
    await store.put([wholePart('x')]);
    const snapshot = await readList(list({ ...file('a'), size: 100 }));
    await assert.rejects(writeSnapshot({ folder, owner: undefined }, snapshot, store, signal), {
      code: 'bad-request',
      message: /"a" has 1 bytes, not 100/,
    });
    assert.deepEqual(await store.missing([hashOf('x')]), []);
  });

  for (const [name, wrong] of [
    ['is no JSON', '{'],
    ['is of another form', { format: 2, entries: [] }],
    ['climbs out', list(file('../evil'))],
    ['climbs out from inside', list(file('a/../../evil'))],
    ['names an absolute path', list(file('/tmp/evil'))],
    ['has a link that climbs out', list(link('../evil'))],
    ['has an empty component', list(file('a//b'))],
    ['has NUL in a path', list(file('a\0b'))],
    ['has NUL in a target', list(link('a', 'b\0c'))],
    ['names one twice', list(file('a'), file('a'))],
    ['is out of order', list(file('b'), file('a'))],
    ['has a file below a file', list(file('a'), file('a/b'))],
    ['has a file below a link', list(link('a', '/tmp'), file('a-b'), file('a/evil'))],
    ['has a link below a link', list(link('a', '/tmp'), link('a/evil'))],
    ['has a file deep below a link', list(link('a/b', '/tmp'), file('a/b/c/d'))],
    ['has a path that is no Unicode', list(file('a\ud800'))],
    ['has a setuid bit', list({ ...file('a'), mode: 0o4755 })],
    ['has a file of a terabyte', list({ ...file('a'), size: 2 ** 40 })],
    ['has a field that nobody knows', list({ ...file('a'), owner: 0 })],
  ] as const) {
    it(`is refused that ${name}`, async () => {
      await assert.rejects(readList(wrong), { code: 'bad-request' });
    });
  }

  it('is refused whose files are too large together, or whose folders too many', async () => {
    const large = Array.from({ length: 5 }, (_, i) => ({ ...file(String(i)), size: 500 * 1024 ** 2 }));
    await assert.rejects(readList(list(...large)), { code: 'too-large' });
    const deep = Array.from({ length: 200 }, (_, i) => file(`${String(1000 + i)}${'/d'.repeat(1500)}`));
    await assert.rejects(readList(list(...deep)), { code: 'too-large', message: /200000 folders/ });
  });

  it('is refused whose names the file system does not take', async () => {
    await store.put([wholePart('x')]);
    for (const path of ['x'.repeat(300), `${'y/'.repeat(2000)}x`]) {
      const snapshot = await readList(list(file(path)));
      await assert.rejects(writeSnapshot({ folder, owner: undefined }, snapshot, store, signal), {
        code: 'bad-request',
        message: /too long/,
      });
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is never written over something', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'precious'), '');
    await assert.rejects(write(await putTree(store, { a: 'a' })), { code: 'EEXIST' });
    assert.deepEqual(readdirSync(folder), ['precious']);
  });

  it('stops when it is told to', async () => {
    const tree = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${String(i)}`, String(i)]));
    const name = await putTree(store, tree);
    const abort = new AbortController();
    const reason = new Error('told to');
    const writing = writeSnapshot({ folder, owner: undefined }, snapshotOf(tree), store, abort.signal);
    setTimeout(() => {
      abort.abort(reason);
    }, 1);
    await assert.rejects(writing, reason);
    assert((existsSync(folder) ? readdirSync(folder).length : 0) < 3000);
    assert.equal((await readSnapshot(store, name)).entries.length, 3000);
  });
});
