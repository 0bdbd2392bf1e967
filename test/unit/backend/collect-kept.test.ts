import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import { stampOf, type Baseline } from '../../../backend/src/workspace/baseline.ts';
import { collectChanges } from '../../../backend/src/workspace/collect.ts';
import { readSnapshot } from '../../../backend/src/workspace/read-snapshot.ts';
import { writeSnapshot } from '../../../backend/src/workspace/write-snapshot.ts';
import { gathered, hashOf, putTree, treeIn, type Tree } from '../../support/workspace/trees.ts';

describe('changes in a workspace that stays', () => {
  let base: string;
  let folder: string;
  let blobs: string;
  let store: BlobStore;
  let baseline: Baseline;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'c-'));
    [folder, blobs] = [join(base, 'workspace'), join(base, 'run-blobs')];
    store = new BlobStore(join(base, 'blobs'));
  });
  afterEach(() => {
    store.dispose();
    rmSync(base, { recursive: true, force: true });
  });

  const begin = async (tree: Tree): Promise<void> => {
    const snapshot = await readSnapshot(store, await putTree(store, tree));
    baseline = await writeSnapshot(
      { folder, owner: undefined },
      snapshot,
      store,
      new AbortController().signal,
    );
    // So that all but a few files are known by their stamps.
    await sleep(25);
  };
  const collect = (maxBytes = 10 ** 9) =>
    gathered(
      collectChanges(folder, blobs, { snapshot: baseline, ownEntry: undefined, stays: true }, maxBytes),
    );
  const at = (path: string): string => join(folder, path);
  const put = (path: string, text: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };

  it('are told, and everything stays where it is, with its mode', async () => {
    await begin({
      kept: 'kept',
      edited: 'old',
      removed: 'x',
      'd/removed': 'x',
      tool: { program: 'x' },
      plain: 'x',
    });
    put('edited', 'new');
    unlinkSync(at('removed'));
    rmSync(at('d'), { recursive: true });
    chmodSync(at('tool'), 0o644);
    chmodSync(at('plain'), 0o744);
    put('made/deep/er', 'made');
    put('large', 'l'.repeat(1_000_000));
    put('same', 'made');
    put('unreadable', 'secret');
    const before = treeIn(folder);
    chmodSync(at('unreadable'), 0o200);
    const { changes, notices } = await collect();
    assert.equal(lstatSync(at('unreadable')).mode & 0o777, 0o200);
    chmodSync(at('unreadable'), 0o644);
    assert.deepEqual(changes, [
      'create large',
      'create made/deep/er',
      'create same',
      'create unreadable',
      'delete d/removed',
      'delete removed',
      'modify edited',
      'modify plain',
      'modify tool',
    ]);
    assert.deepEqual(notices, []);
    assert.deepEqual(treeIn(folder), before);
    for (const content of ['new', 'made', 'l'.repeat(1_000_000), 'secret']) {
      const blob = join(blobs, hashOf(content));
      assert.equal(readFileSync(blob, 'utf8'), content);
      assert.deepEqual([lstatSync(blob).mode & 0o777, lstatSync(blob).nlink], [0o600, 1]);
      if (process.getuid?.() === 0) assert.equal(lstatSync(blob).uid, 0);
    }
    assert.deepEqual((await collect()).changes, changes);
  });

  it('are none where nothing has changed, and nothing is read for that', async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`f${String(i)}`, String(i)]));
    await begin(many);
    let unread = 0;
    for (const [path, entry] of baseline) {
      if (entry.kind !== 'file' || entry.stamp === undefined) continue;
      // Whoever reads it sees another content. Its stamp says that it is the same: that is taken for true.
      unread++;
      (baseline as Map<string, unknown>).set(path, { ...entry, hash: hashOf('another') });
    }
    assert(unread > 500, String(unread));
    assert.deepEqual((await collect()).changes, []);
    for (const entry of baseline.values()) if (entry.kind === 'file') entry.stamp = undefined;
    assert.equal((await collect()).changes.length, unread);
  });

  it('are found where a program hides them: same size, same times, another inode put in place', async () => {
    await begin({ a: 'before', b: 'before', c: 'before' });
    for (const [path, entry] of baseline) {
      assert(entry.kind === 'file');
      entry.stamp = stampOf(lstatSync(at(path)));
    }
    assert.deepEqual((await collect()).changes, []);
    const times = join(base, 'times');
    spawnSync('cp', ['-p', at('a'), times]);
    writeFileSync(at('a'), 'after!');
    writeFileSync(at('new'), 'after!');
    spawnSync('touch', ['-r', times, at('a'), at('new')]);
    assert.equal(lstatSync(at('a')).mtimeMs, lstatSync(times).mtimeMs);
    renameSync(at('new'), at('b'));
    appendFileSync(at('c'), '');
    assert.deepEqual((await collect()).changes, ['modify a', 'modify b']);
  });

  it('are found right after the snapshot was written', async () => {
    for (let round = 0; round < 20; round++) {
      const snapshot = await readSnapshot(store, await putTree(store, { a: 'before', b: 'x' }));
      baseline = await writeSnapshot(
        { folder, owner: undefined },
        snapshot,
        store,
        new AbortController().signal,
      );
      const { atime, mtime } = lstatSync(at('a'));
      writeFileSync(at('a'), 'after!');
      utimesSync(at('a'), atime, mtime);
      assert.deepEqual((await collect()).changes, ['modify a']);
      rmSync(folder, { recursive: true });
    }
  });

  it('of links: a deletion is told, a new and a retargeted one are left out, and none is followed', async () => {
    await begin({
      target: 'x',
      kept: { link: 'target' },
      removed: { link: 'target' },
      retargeted: { link: 'target' },
      'to-file': { link: 'target' },
      'to-folder': { link: 'target' },
      file: 'x',
    });
    for (const path of ['removed', 'retargeted', 'to-file', 'to-folder', 'file']) unlinkSync(at(path));
    symlinkSync('/etc/passwd', at('retargeted'));
    symlinkSync('/etc', at('new'));
    symlinkSync('/etc/passwd', at('file'));
    put('to-file', 'now a file');
    put('to-folder/in', 'x');
    const { changes, notices } = await collect();
    assert.deepEqual(changes, [
      'create to-folder/in',
      'delete file',
      'delete removed',
      'delete to-folder',
      'modify to-file',
    ]);
    assert.deepEqual(notices, [
      {
        code: 'left-out',
        message:
          'Left out, since only files come back: "file" (a link), "new" (a link), "retargeted" (a link).',
      },
    ]);
  });

  it('are files alone: no pipe, no device, no setuid bit', async () => {
    await begin({ a: 'a' });
    unlinkSync(at('a'));
    spawnSync('mkfifo', [at('a'), at('pipe')]);
    put('suid', 'x');
    chmodSync(at('suid'), 0o4755);
    const { changes, notices, all } = await collect();
    assert.deepEqual(changes, ['create suid', 'delete a']);
    assert.deepEqual(
      notices.map(({ message }) => message),
      ['Left out, since only files come back: "a" (a pipe), "pipe" (a pipe).'],
    );
    assert.equal(
      all.find((event) => event.type === 'change' && event.path === 'suid' && event.mode),
      all[0],
    );
    assert.equal(all[0]?.type === 'change' && all[0].mode, 0o755);
  });

  it('do not come back at all from a workspace that is too large', async () => {
    await begin({ a: 'a' });
    put('sparse', '');
    spawnSync('truncate', ['-s', '1T', at('sparse')]);
    await assert.rejects(collect(), { code: 'workspace-limit' });
  });

  describe('that are ignored', () => {
    it('stay, by the ignore files as they are at the end, unless they were sent', async () => {
      await begin({
        '.gitignore': '*.log\n/build/\n',
        'sent.log': 'x',
        'build/sent': 'x',
        'deep/.gitignore': '!kept.log\n',
      });
      put('.gitignore', '*.log\n/build/\nnode_modules/\n');
      put('sent.log', 'changed');
      put('build/sent', 'changed');
      put('build/made', 'x');
      put('made.log', 'x');
      put('deep/kept.log', 'x');
      put('deep/other.log', 'x');
      for (let i = 0; i < 10; i++) put(`deep/node_modules/p${String(i)}/index.js`, 'x');
      symlinkSync('../p1/index.js', at('deep/node_modules/.bin'));
      put('source.js', 'x');
      const { changes, notices } = await collect();
      assert.deepEqual(changes, [
        'create deep/kept.log',
        'create source.js',
        'modify .gitignore',
        'modify build/sent',
        'modify sent.log',
      ]);
      assert.deepEqual(notices, [
        {
          code: 'ignored',
          message:
            'Left in the sandbox, as git and the workspace\'s ignore files say: 14 files in "deep/node_modules", "build", "deep/other.log", "made.log".',
        },
      ]);
    });

    it('come back where .offloadignore says so, whatever .gitignore says', async () => {
      await begin({ '.offloadignore': '!dist/\nprivate\n', '.gitignore': 'dist/\n!private\n' });
      put('dist/bundle.js', 'x');
      put('private', 'x');
      put('sub/private/x', 'x');
      const { changes, notices } = await collect();
      assert.deepEqual(changes, ['create dist/bundle.js']);
      assert.match(notices[0]?.message ?? '', /2 files in "private", "sub\/private"/);
    });

    it("stay where git's own folder is", async () => {
      await begin({ a: 'a' });
      spawnSync('git', ['init', '-q', folder]);
      put('.git/hooks/post-checkout', 'x');
      put('sub/.git/config', 'x');
      const { changes, notices } = await collect();
      assert.deepEqual(changes, []);
      assert.match(notices[0]?.message ?? '', /"\.git"/);
    });

    it('are nothing that a link for an ignore file would name, or a huge one', async () => {
      writeFileSync(join(base, 'patterns'), '*\n');
      await begin({ a: 'a' });
      symlinkSync(join(base, 'patterns'), at('.gitignore'));
      put('b', 'b');
      put('d/.gitignore', `*\n${'#'.repeat(1_000_000)}`);
      put('d/x', 'x');
      spawnSync('mkfifo', [at('.offloadignore')]);
      assert.deepEqual((await collect()).changes, ['create b', 'create d/.gitignore', 'create d/x']);
    });

    it('are found in a bounded time, whatever patterns an agent writes', async () => {
      await begin({});
      put(`${'a/'.repeat(300)}x`, 'x');
      const hostile = Array.from({ length: 5000 }, (_, i) => `**/a/**/a/**/a/**/z${String(i)}`);
      put('.gitignore', [`${'**/a/'.repeat(20)}b`, `${'*a'.repeat(200)}b`, ...hostile].join('\n'));
      put('many/.gitignore', Array.from({ length: 20_000 }, (_, i) => `${String(i)}*b`).join('\n'));
      for (let i = 0; i < 500; i++) put(`many/${String(i)}/${'a'.repeat(200)}`, 'x');
      const { changes } = await collect();
      assert(changes.includes('create .gitignore'));
    });
  });
});
