import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseSnapshot } from '../../../src/core/workspace/snapshot-file.ts';
import { takeSnapshot } from '../../../src/core/workspace/take-snapshot.ts';
import { skip } from '../../support/reporting/skip.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const source = fileURLToPath(new URL('../../../src/core/workspace/take-snapshot.ts', import.meta.url));

describe('a snapshot of the workspace', () => {
  const folder = new TestFolder();

  it('has each file with its content, size and permission bits, and is named by its hash', async () => {
    folder.put('a.txt', 'hello\n', 0o640);
    folder.put('bin/run.sh', '#!/bin/sh\n', 0o755);
    folder.put('empty', '');
    const taken = await folder.take();
    assert.deepEqual(taken.snapshot, {
      format: 1,
      entries: [
        { kind: 'file', path: 'a.txt', mode: 0o640, size: 6, hash: sha256('hello\n') },
        { kind: 'file', path: 'bin/run.sh', mode: 0o755, size: 10, hash: sha256('#!/bin/sh\n') },
        { kind: 'file', path: 'empty', mode: 0o644, size: 0, hash: sha256('') },
      ],
    });
    assert.equal(taken.hash, sha256(taken.manifest));
    assert.deepEqual(parseSnapshot(taken.manifest), taken.snapshot);
    assert.deepEqual(taken.leftOut, []);
  });

  it('is in the order of whole paths, whatever names have before a slash, and names that differ in case', async () => {
    for (const path of ['a/b', 'a-b', 'a.b', 'a', 'ab', 'B/x', 'b/x', 'b/X', 'é/x', '𐐷', '\uffee']) {
      if (path !== 'a') folder.put(path);
    }
    const { snapshot, manifest } = await folder.take();
    const paths = snapshot.entries.map(({ path }) => path);
    assert.equal(paths.length, 10);
    assert.deepEqual(
      paths,
      paths.toSorted((a, b) => (a < b ? -1 : 1)),
    );
    assert.deepEqual(parseSnapshot(manifest), snapshot);
  });

  it('keeps links as they stand and follows none', async () => {
    writeFileSync(join(folder.base, 'outside'), 'outside');
    mkdirSync(join(folder.base, 'elsewhere'));
    writeFileSync(join(folder.base, 'elsewhere', 'file'), 'outside');
    folder.put('real/file');
    for (const [path, target] of [
      ['to-file', 'real/file'],
      ['to-folder', 'real'],
      ['out', '../outside'],
      ['out-folder', join(folder.base, 'elsewhere')],
      ['nowhere', 'not/there'],
      ['circle', '.'],
    ] as const) {
      folder.link(path, target);
    }
    const { entries } = (await folder.take()).snapshot;
    assert.deepEqual(
      entries.map((entry) => [entry.path, entry.kind === 'link' ? entry.target : 'file']),
      [
        ['circle', '.'],
        ['nowhere', 'not/there'],
        ['out', '../outside'],
        ['out-folder', join(folder.base, 'elsewhere')],
        ['real/file', 'file'],
        ['to-file', 'real/file'],
        ['to-folder', 'real'],
      ],
    );
  });

  it('never has .git, of a work tree or a module neither, whatever its case', async () => {
    folder.put('.git/config');
    folder.put('module/.git', 'gitdir: ../.git/modules/module\n');
    folder.put('other/.GIT/config');
    folder.put('module/file');
    folder.put('.gitignore', '');
    assert.deepEqual(await folder.paths(), ['.gitignore', 'module/file']);
  });

  it('leaves out pipes and sockets, and says so', async function () {
    if (process.platform === 'win32') skip(this, 'Windows has none in folders');
    folder.put('file');
    execFileSync('mkfifo', [folder.at('pipe')]);
    const server = createServer().listen(folder.at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { snapshot, leftOut } = await folder.take();
      assert.deepEqual(
        snapshot.entries.map(({ path }) => path),
        ['file'],
      );
      assert.deepEqual(leftOut, [
        { path: 'pipe', reason: 'special' },
        { path: 'socket', reason: 'special' },
      ]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('leaves out names and targets that are not UTF-8, and says so', async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has such names');
    const bad = Buffer.concat([Buffer.from(`${folder.root}/x`), Buffer.from([0xff])]);
    writeFileSync(bad, 'x');
    mkdirSync(Buffer.concat([bad, Buffer.from('folder')]));
    folder.put('with \ufffd itself');
    execFileSync('bash', ['-c', `ln -s $'\\xff' "$0"`, folder.at('link')]);
    const { snapshot, leftOut } = await folder.take();
    assert.deepEqual(
      snapshot.entries.map(({ path }) => path),
      ['with \ufffd itself'],
    );
    assert.deepEqual(
      leftOut.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      [
        { path: 'link', reason: 'name' },
        { path: 'x\ufffd', reason: 'name' },
        { path: 'x\ufffdfolder', reason: 'name' },
      ],
    );
  });

  it('leaves out what may not be read, and says why', function () {
    if (process.platform === 'win32') skip(this, 'Windows has no permission bits');
    folder.put('file');
    folder.put('closed', 'x', 0o000);
    folder.put('shut/inside');
    chmodSync(folder.at('shut'), 0o000);
    chmodSync(folder.base, 0o755);
    // Root may read everything, so another user does it.
    const root = process.getuid?.() === 0;
    const script = `
      const { takeSnapshot } = await import(${JSON.stringify(pathToFileURL(source).href)});
      const { snapshot, leftOut } = await takeSnapshot({ roots: [{ path: process.argv[1] }] });
      console.log(JSON.stringify([snapshot.entries.map(({ path }) => path), leftOut]));`;
    try {
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', script, folder.root], {
        encoding: 'utf8',
        env: {},
        cwd: '/',
        ...(root ? { uid: 65534, gid: 65534 } : {}),
      });
      assert.deepEqual(JSON.parse(said), [
        ['file'],
        [
          { path: 'shut/', reason: 'unreadable', detail: 'EACCES' },
          { path: 'closed', reason: 'unreadable', detail: 'EACCES' },
        ],
      ]);
    } finally {
      chmodSync(folder.at('shut'), 0o755);
    }
  });

  it('does not have what the user excludes', async () => {
    for (const path of ['a', 'b/c', 'b/d', 'e/f/g']) folder.put(path);
    const taken = await folder.take({ excluded: new Set(['a', 'e/f', 'b/d', 'none']) });
    assert.deepEqual(
      taken.snapshot.entries.map(({ path }) => path),
      ['b/c'],
    );
    assert.deepEqual(
      taken.leftOut.map(({ path, reason }) => `${path} ${reason}`),
      ['a excluded', 'b/d excluded', 'e/f/ excluded'],
    );
  });

  it('has several roots as top folders by unlike names', async () => {
    const roots = ['one/app', 'two/app', 'three/App', 'four'].map((path) => {
      folder.put(`${path}/file`, path);
      return { path: folder.at(path) };
    });
    const named = [...roots.slice(0, 3), { path: folder.at('four'), name: '../a/b' }];
    const taken = await takeSnapshot({ roots: named });
    assert.deepEqual(taken.snapshot.roots, ['app', 'app-2', 'App-3', '..-a-b']);
    assert.deepEqual(
      taken.snapshot.entries.map((entry) => [entry.path, entry.kind === 'file' ? entry.hash : '']),
      [
        ['..-a-b/file', sha256('four')],
        ['App-3/file', sha256('three/App')],
        ['app-2/file', sha256('two/app')],
        ['app/file', sha256('one/app')],
      ],
    );
    assert.deepEqual(parseSnapshot(taken.manifest), taken.snapshot);
  });

  it('of a root that is a link is one of the folder that it leads to', async () => {
    folder.put('real/file');
    folder.link('link', 'real');
    const taken = await takeSnapshot({ roots: [{ path: folder.at('link') }] });
    assert.deepEqual(
      taken.snapshot.entries.map(({ path }) => path),
      ['file'],
    );
  });

  it('of no folder, a file, a missing or a relative one is refused', async () => {
    const file = folder.put('file');
    for (const roots of [[], [{ path: file }], [{ path: folder.at('missing') }], [{ path: 'relative' }]]) {
      await assert.rejects(takeSnapshot({ roots }), { code: 'bad-request' });
    }
  });

  it('is given up when the signal says so', async () => {
    for (let index = 0; index < 3000; index++) folder.put(`many/${String(index % 30)}/${String(index)}`, 'x');
    const reason = new Error('enough');
    await assert.rejects(folder.take({ signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const taking = folder.take({ signal: controller.signal });
    setImmediate(() => {
      controller.abort(reason);
    });
    await assert.rejects(taking, reason);
  });

  it('is the same whether it is taken again or from a copy', async () => {
    folder.put('a/b');
    folder.put('c');
    const first = await folder.take();
    assert.equal((await folder.take()).hash, first.hash);
    renameSync(folder.root, join(folder.base, 'moved'));
    const moved = await takeSnapshot({ roots: [{ path: join(folder.base, 'moved') }] });
    assert.equal(moved.hash, first.hash);
    assert.equal(dirname(moved.roots[0]?.folder ?? ''), folder.base);
    rmSync(join(folder.base, 'moved', 'c'));
    assert.notEqual((await takeSnapshot({ roots: [{ path: join(folder.base, 'moved') }] })).hash, first.hash);
  });

  it('writes nothing into the workspace', async () => {
    folder.put('file');
    await folder.take({ cacheFolder: folder.cache });
    assert.deepEqual(readFileSync(folder.at('file'), 'utf8'), 'file\n');
    assert.deepEqual(await folder.paths(), ['file']);
  });
});
