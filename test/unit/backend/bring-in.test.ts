import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import type { Baseline } from '../../../backend/src/workspace/baseline.ts';
import { bringIn } from '../../../backend/src/workspace/bring-in.ts';
import { collectChanges } from '../../../backend/src/workspace/collect.ts';
import { baselineOf } from '../../../backend/src/workspace/read-snapshot.ts';
import { writeSnapshot } from '../../../backend/src/workspace/write-snapshot.ts';
import { skip } from '../../support/reporting/skip.ts';
import { gathered, hashOf, putTree, snapshotOf, treeIn, type Tree } from '../../support/workspace/trees.ts';

describe('bringing the changes of the user into a kept workspace', () => {
  let base: string;
  let folder: string;
  let store: BlobStore;
  let baseline: Baseline;
  let owner: number | undefined;
  const signal = new AbortController().signal;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'k-'));
    folder = join(base, 'workspace');
    store = new BlobStore(join(base, 'blobs'));
    owner = undefined;
    for (const name of ['incoming', 'outside']) mkdirSync(join(base, name));
    writeFileSync(join(base, 'outside', 'precious'), 'precious');
  });
  afterEach(() => {
    assert.deepEqual(treeIn(join(base, 'outside')), { precious: 'precious' });
    assert.deepEqual(readdirSync(join(base, 'incoming')), []);
    store.dispose();
    rmSync(base, { recursive: true, force: true });
  });

  const begin = async (tree: Tree): Promise<void> => {
    await putTree(store, tree);
    baseline = await writeSnapshot({ folder, owner }, snapshotOf(tree), store, signal);
    await sleep(25);
  };
  /** Brings the user's tree in; gives the names in the notice, and what comes back then. */
  const bring = async (tree: Tree, bases: Baseline[] = [baseline], stop = signal) => {
    await putTree(store, tree);
    const kept = { folder, incoming: join(base, 'incoming'), owner, maxBytes: 10 ** 9 };
    const brought = await bringIn(kept, bases, snapshotOf(tree), store, stop);
    baseline = brought.baseline;
    const notices = brought.notices.flatMap((notice) => (notice.type === 'notice' ? [notice] : []));
    assert(notices.every(({ code }) => code === 'kept-agents-version'));
    const prepared = { snapshot: baseline, ownEntry: undefined, stays: true };
    const { changes } = await gathered(collectChanges(folder, join(base, 'own'), prepared, 10 ** 9));
    const named = notices.flatMap(({ message }) => message.match(/"[^"]*"/g) ?? []);
    return { changes, kept: named.map((name) => JSON.parse(name) as string).sort() };
  };
  const at = (path: string): string => join(folder, path);
  const put = (path: string, text: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };

  it('takes what the user has changed, where the agent has not', async () => {
    await begin({
      kept: 'kept',
      edited: 'old',
      removed: 'x',
      'd/e/removed': 'x',
      'd/kept': 'x',
      moded: 'x',
      link: { link: 'kept' },
      'link-removed': { link: 'kept' },
      'to-link': 'x',
      'to-file': { link: 'kept' },
    });
    const tree: Tree = {
      kept: 'kept',
      edited: 'new',
      'd/kept': 'x',
      moded: { program: 'x' },
      link: { link: '/etc/passwd' },
      'made/deep/file': 'made',
      'to-link': { link: 'kept' },
      'to-file': 'file',
    };
    assert.deepEqual(await bring(tree), { changes: [], kept: [] });
    assert.deepEqual(treeIn(folder), tree);
  });

  it("leaves the agent's own work, and tells it against the user's tree", async () => {
    await begin({ a: 'a', b: 'b', c: 'c' });
    put('a', "agent's");
    put('made', "agent's");
    unlinkSync(at('b'));
    const brought = await bring({ a: 'a', b: 'b', c: "user's" });
    assert.deepEqual(brought, { changes: ['create made', 'delete b', 'modify a'], kept: [] });
    assert.deepEqual(treeIn(folder), { a: "agent's", c: "user's", made: "agent's" });
  });

  it('does nothing where both came to the same, as after accepting everything', async () => {
    await begin({ a: 'a', removed: 'x', tool: 'x' });
    put('a', 'both');
    put('made', 'both');
    chmodSync(at('tool'), 0o755);
    unlinkSync(at('removed'));
    symlinkSync('a', at('link'));
    const inode = lstatSync(at('a')).ino;
    const tree: Tree = { a: 'both', made: 'both', link: { link: 'a' }, tool: { program: 'x' } };
    assert.deepEqual(await bring(tree), { changes: [], kept: [] });
    assert.equal(lstatSync(at('a')).ino, inode);
  });

  it("keeps the agent's version where both have changed a file differently, and says so", async () => {
    await begin({ both: 'x', 'user-removed': 'x', 'agent-removed': 'x', moded: 'x', mode: 'x' });
    put('both', "agent's");
    put('user-removed', "agent's");
    unlinkSync(at('agent-removed'));
    put('made', "agent's");
    put('moded', "agent's");
    put('mode', 'same');
    await sleep(25);
    put('later', 'x');
    const tree: Tree = {
      both: "user's",
      'agent-removed': "user's",
      made: "user's",
      moded: { program: 'x' },
      mode: { program: 'same' },
    };
    assert.deepEqual(await bring(tree), {
      changes: [
        'create later',
        'create user-removed',
        'delete agent-removed',
        'modify both',
        'modify made',
        'modify mode',
        'modify moded',
      ],
      // "and 1 more"
      kept: ['agent-removed', 'both', 'mode', 'moded', 'user-removed'],
    });
    assert.equal(treeIn(folder)['both'], "agent's");
  });

  it('brings in a tree after another', async () => {
    await begin({ a: '1', b: '1' });
    put('b', "agent's");
    await bring({ a: '2', b: '1' });
    assert.deepEqual(await bring({ a: '3', b: '1', c: '1' }), { changes: ['modify b'], kept: [] });
    assert.deepEqual(await bring({ a: '3', b: '1' }), { changes: ['modify b'], kept: [] });
    assert.deepEqual(treeIn(folder), { a: '3', b: "agent's" });
  });

  it('goes on where it was cut short, without taking its own work for the agent’s', async () => {
    await begin({ a: '1', b: '1', c: '1', removed: '1' });
    const first = baseline;
    // As if it had been killed after these.
    put('a', '2');
    unlinkSync(at('removed'));
    const second = baselineOf(snapshotOf({ a: '2', b: '2', c: '1' }));
    const third: Tree = { a: '3', b: '3', c: '1', removed: '3' };
    assert.deepEqual(await bring(third, [first, second]), { changes: [], kept: [] });
    assert.deepEqual(treeIn(folder), third);
  });

  it('reads everything where no stamps were kept', async () => {
    const tree: Tree = { a: 'a', b: 'b', c: 'c' };
    await begin(tree);
    put('b', "agent's");
    const brought = await bring({ a: "user's", b: "user's", c: 'c' }, [baselineOf(snapshotOf(tree))]);
    assert.deepEqual(brought, { changes: ['modify b'], kept: ['b'] });
    assert.equal(treeIn(folder)['a'], "user's");
  });

  it('leaves what is ignored where it is', async () => {
    await begin({ '.gitignore': 'node_modules/\n', a: 'a' });
    put('node_modules/x/index.js', 'x');
    await bring({ '.gitignore': 'node_modules/\n', a: 'new' });
    assert.equal(treeIn(folder)['node_modules/x/index.js'], 'x');
  });

  describe('follows no link that an agent has put there:', () => {
    const outside = (): string => join(base, 'outside');

    it('in the place of a folder', async () => {
      await begin({ 'd/a': 'a', 'd/b': 'b', 'd/precious': 'mine' });
      rmSync(at('d'), { recursive: true });
      symlinkSync(outside(), at('d'));
      // The agent has taken the three away; one is new.
      const brought = await bring({ 'd/a': 'new', 'd/made': 'made', 'd/precious': 'mine' });
      assert.deepEqual(brought, { changes: ['delete d/a', 'delete d/precious'], kept: ['d/a'] });
      assert(lstatSync(at('d')).isDirectory());
      assert.deepEqual(treeIn(folder), { 'd/made': 'made' });
    });

    it('in the place of a file that is written or removed', async () => {
      await begin({ a: 'a', b: 'b' });
      for (const path of ['a', 'b']) {
        unlinkSync(at(path));
        symlinkSync(join(outside(), 'precious'), at(path));
      }
      assert.deepEqual((await bring({ a: 'new' })).kept, ['a', 'b']);
    });

    it('where a new file goes', async () => {
      await begin({ a: 'a' });
      symlinkSync(join(outside(), 'made'), at('made'));
      symlinkSync(outside(), at('folder'));
      assert.deepEqual((await bring({ a: 'a', made: 'made', 'folder/deep/file': 'x' })).kept, ['made']);
      assert.deepEqual(treeIn(folder)['folder/deep/file'], 'x');
    });

    it('and writes through no hard link', async () => {
      await begin({ a: 'a' });
      linkSync(at('a'), join(base, 'other name'));
      await bring({ a: 'new' });
      assert.equal(readFileSync(join(base, 'other name'), 'utf8'), 'a');
    });

    it("of the user's own that leads out", async () => {
      await begin({ a: 'a', 'sub/x': 'x' });
      const tree: Tree = { a: { link: outside() }, 'a-b/x': 'x', sub: { link: outside() } };
      assert.deepEqual(await bring(tree), { changes: [], kept: [] });
      assert.deepEqual(treeIn(folder), tree);
      assert.deepEqual(await bring({ 'a/precious': 'x', 'sub/precious': 'x' }), { changes: [], kept: [] });
      assert.deepEqual(treeIn(folder), { 'a/precious': 'x', 'sub/precious': 'x' });
    });
  });

  it("keeps a file of the agent's that stands where a folder is needed, and a folder where a file is", async () => {
    await begin({ a: 'a', 'old/file': 'x' });
    put('folder', "agent's file");
    put('file/inside', "agent's");
    mkdirSync(at('empty/nested'), { recursive: true });
    put('old/made', "agent's");
    const tree: Tree = { a: 'a', 'folder/x': 'x', file: 'x', empty: 'x', old: 'x' };
    assert.deepEqual(await bring(tree), {
      changes: [
        'create file/inside',
        'create folder',
        'create old/made',
        'delete file',
        'delete folder/x',
        'delete old',
      ],
      kept: ['file', 'folder/x', 'old'],
    });
    assert.equal(treeIn(folder)['empty'], 'x');
  });

  it('turns a folder into a file and back, where the user did', async () => {
    await begin({ 'd/e/a': 'a', 'd/b': 'b', f: 'f' });
    const tree: Tree = { d: 'file', 'f/g/h': 'h' };
    assert.deepEqual(await bring(tree), { changes: [], kept: [] });
    assert.deepEqual(await bring({ 'd/e/a': 'a', f: 'f' }), { changes: [], kept: [] });
    assert.deepEqual(treeIn(folder), { 'd/e/a': 'a', f: 'f' });
  });

  it('gets by folders that are closed, pipes, and files that cannot be read', async () => {
    await begin({ 'd/a': 'a', 'd/removed': 'x', p: 'p', u: 'u' });
    chmodSync(at('d'), 0o500);
    unlinkSync(at('p'));
    spawnSync('mkfifo', [at('p')]);
    chmodSync(at('u'), 0);
    assert.deepEqual((await bring({ 'd/a': 'new', p: 'new', u: 'new' })).kept, ['p']);
    assert.equal(readFileSync(at('d/a'), 'utf8'), 'new');
    assert.equal(readFileSync(at('u'), 'utf8'), 'new');
    assert(!existsSync(at('d/removed')));
  });

  it("gives everything to the box's user", async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can give files away');
    owner = 65534;
    await begin({ a: 'a' });
    await bring({ a: 'new', 'd/e/f': 'x', link: { link: '/etc/passwd' } });
    for (const path of ['a', 'd', 'd/e', 'd/e/f', 'link'])
      assert.deepEqual([path, lstatSync(at(path)).uid], [path, 65534]);
    assert.equal(lstatSync('/etc/passwd').uid, 0);
  });

  it('changes nothing where contents are missing, and stops when it is told to', async () => {
    await begin({ a: 'a', removed: 'x' });
    await putTree(store, { a: 'new' });
    rmSync(store.file(hashOf('new')));
    const kept = { folder, incoming: join(base, 'incoming'), owner, maxBytes: 10 ** 9 };
    await assert.rejects(bringIn(kept, [baseline], snapshotOf({ a: 'new' }), store, signal), {
      code: 'unknown-snapshot',
    });
    const reason = new Error('told to');
    await assert.rejects(bring({ a: 'new' }, [baseline], AbortSignal.abort(reason)), reason);
    assert.deepEqual(treeIn(folder), { a: 'a', removed: 'x' });
  });

  it('refuses a workspace that has grown too large', async () => {
    await begin({ a: 'a' });
    spawnSync('truncate', ['-s', '1T', at('sparse')]);
    await assert.rejects(bring({ a: 'b' }), { code: 'workspace-limit' });
    rmSync(at('sparse'));
  });
});
