import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { applyChange } from '../../../src/core/changes/apply.ts';
import { MAX_APPLIED_BYTES } from '../../../src/core/changes/replace.ts';
import { skip } from '../../support/reporting/skip.ts';
import { applyWith, deleting, ROOTS, sent, tree, Workspace, writing } from './workspace.ts';

for (const [kind, open] of ROOTS) {
  describe(`applying a change below a root ${kind}`, () => {
    const workspace = new Workspace();
    const apply = async (...[accepted]: [Parameters<typeof applyWith>[2]]) =>
      applyWith(open, workspace.root, accepted);

    it('makes a new file, with the folders that it needs', async () => {
      const undo = await apply(writing('a/b/c.txt', 'new\n'));
      assert.deepEqual(tree(workspace.root), { a: 'folder', 'a/b': 'folder', 'a/b/c.txt': 'new\n' });
      assert.equal(undo.before, undefined);
      assert.deepEqual(undo.folders, ['a', 'a/b']);
    });

    it('writes bytes as they are: line endings, a byte order mark, no text at all, nothing', async () => {
      for (const bytes of [Buffer.from('\ufeffa\r\nb'), Buffer.from([0, 255, 10, 13]), Buffer.alloc(0)]) {
        rmSync(workspace.at('x'), { force: true });
        await apply(writing('x', bytes));
        assert.deepEqual(readFileSync(workspace.at('x')), bytes);
      }
    });

    it('replaces a file that is as it was sent', async () => {
      workspace.put('a.txt', 'old\n');
      const undo = await apply(writing('a.txt', 'new\n', sent('old\n')));
      assert.deepEqual(tree(workspace.root), { 'a.txt': 'new\n' });
      assert.deepEqual(undo.before, { content: Buffer.from('old\n'), mode: 0o644 });
      assert.deepEqual(undo.folders, []);
    });

    it('deletes a file that is as it was sent, and leaves its folder', async () => {
      workspace.put('a/b.txt', 'old\n');
      const undo = await apply(deleting('a/b.txt', sent('old\n')));
      assert.deepEqual(tree(workspace.root), { a: 'folder' });
      assert.deepEqual([undo.before?.content.toString(), undo.after], ['old\n', undefined]);
    });

    it('writes names with newlines, quotes, shell characters and terminal escapes as they are', async function () {
      if (process.platform === 'win32') skip(this, 'Windows has no such names');
      for (const name of [
        'a\nb',
        '"\'',
        '$(touch x)',
        '; rm -rf *',
        'a\\..\\b',
        '\u001b]0;x\u0007',
        '-rf',
        '~',
        ' ',
      ]) {
        await apply(writing(`d/${name}`, name));
        assert.equal(workspace.text(`d/${name}`), name);
      }
    });

    for (const path of [
      '../evil.txt',
      '../root-evil/x',
      '/tmp/offload-evil',
      'a/../../evil',
      '..',
      '.',
      '',
      'a/',
      'a\0',
    ]) {
      it(`refuses the path ${JSON.stringify(path)}, whatever it does there`, async () => {
        const before = tree(workspace.base);
        for (const accepted of [writing(path, 'evil'), deleting(path, undefined)]) {
          await assert.rejects(apply({ ...accepted, overwrite: true, guardedApproved: true }), {
            code: 'unsafe-path',
          });
        }
        assert.deepEqual(tree(workspace.base), before);
      });
    }

    it('refuses content that is not what the run announced, unless the user has edited it', async () => {
      const accepted = writing('a.txt', 'announced');
      for (const content of [Buffer.from('something'), Buffer.from('else')]) {
        await assert.rejects(apply({ ...accepted, content }), { code: 'bad-frame' });
      }
      await assert.rejects(apply({ ...accepted, content: undefined }), { code: 'unknown-blob' });
      assert.deepEqual(tree(workspace.root), {});
      await apply({ ...accepted, content: Buffer.from('edited'), edited: true });
      assert.equal(workspace.text('a.txt'), 'edited');
    });

    it('refuses a guarded file until it has been approved by itself', async () => {
      const accepted = writing('.VSCODE/tasks.json', '{}');
      await assert.rejects(apply({ ...accepted, overwrite: true }), {
        code: 'unsafe-path',
        message: /approved by itself/,
      });
      assert.deepEqual(tree(workspace.root), {});
      await apply({ ...accepted, guardedApproved: true });
      assert.equal(workspace.text('.VSCODE/tasks.json'), '{}');
    });

    it('refuses a name that is too long for the file system, and leaves no folder behind', async () => {
      await assert.rejects(apply(writing(`new/${'n'.repeat(300)}`, 'x')), { code: 'unsafe-path' });
      assert.deepEqual(tree(workspace.root), {});
    });

    it('refuses a result that is too large before a byte of it is read', async () => {
      const content = new Uint8Array(MAX_APPLIED_BYTES + 1);
      const change = { path: 'big', operation: 'create' as const, mode: 0o644, size: content.length };
      await assert.rejects(apply({ change, content, edited: true, base: undefined }), { code: 'too-large' });
    });

    it('refuses a sparse terabyte by its size, before a byte of it is read', async function () {
      workspace.put('sparse', 'x');
      try {
        truncateSync(workspace.at('sparse'), 2 ** 40);
      } catch {
        skip(this, 'the file system has no files of a terabyte');
      }
      const accepted = writing('sparse', 'new', sent('x'));
      await assert.rejects(apply(accepted), { code: 'conflict' });
      await assert.rejects(apply({ ...accepted, overwrite: true }), { code: 'too-large' });
      assert.equal(lstatSync(workspace.at('sparse')).size, 2 ** 40);
    });

    it('leaves a hard link outside as it is, in content and mode', async () => {
      chmodSync(join(workspace.outside, 'kept.txt'), 0o640);
      linkSync(join(workspace.outside, 'kept.txt'), workspace.at('linked.txt'));
      await apply(writing('linked.txt', 'new\n', sent('kept\n'), 0o755));
      assert.equal(workspace.text('linked.txt'), 'new\n');
      assert.deepEqual(tree(workspace.outside), { 'kept.txt': 'kept\n' });
      assert.equal(workspace.mode('../outside/kept.txt'), 0o640);
      await apply(deleting('linked.txt', sent('new\n')));
      assert.deepEqual(tree(workspace.outside), { 'kept.txt': 'kept\n' });
    });
  });
}

describe('the root of a change', () => {
  const workspace = new Workspace();

  it('may be reached through a link of the user’s own', async () => {
    symlinkSync('root', join(workspace.base, 'alias'));
    await applyChange({ root: join(workspace.base, 'alias'), ...writing('a/b.txt', 'new') });
    assert.equal(workspace.text('a/b.txt'), 'new');
  });

  it('has to be a folder that is there', async () => {
    workspace.put('file', '');
    for (const root of ['missing', 'root/file']) {
      const applied = applyChange({ root: join(workspace.base, root), ...writing('a', '') });
      await assert.rejects(applied, { code: 'bad-request' });
    }
  });

  it('may have a name with spaces and shell characters', async () => {
    const root = join(workspace.base, "a b $(x) ; '\n");
    mkdirSync(root);
    await applyChange({ root, ...writing('a/b.txt', 'new') });
    assert.deepEqual(tree(root), { a: 'folder', 'a/b.txt': 'new' });
  });
});

describe('permissions of a file that is applied', () => {
  const workspace = new Workspace();
  const apply = async (...[accepted]: [Parameters<typeof applyWith>[2]]) =>
    applyChange({ root: workspace.root, ...accepted });

  before(function () {
    if (process.platform === 'win32') skip(this, 'Windows has no permission bits');
  });

  let umask = 0;
  beforeEach(() => {
    umask = process.umask(0o027);
  });
  afterEach(() => {
    process.umask(umask);
  });

  it('are the usual ones less the umask for a new file, and for its folders', async () => {
    await apply(writing('d/a', 'x', undefined, 0o600));
    await apply(writing('d/b', 'x', undefined, 0o7777));
    assert.deepEqual(
      ['d', 'd/a', 'd/b'].map((path) => workspace.mode(path)),
      [0o750, 0o640, 0o750],
    );
  });

  it('stay as they are where the change leaves the executable bit alone', async () => {
    for (const [mode, sentMode, newMode] of [
      [0o600, 0o644, 0o666],
      [0o664, 0o644, 0o600],
      [0o700, 0o755, 0o777],
      [0o755, 0o644, 0o644],
    ] as const) {
      workspace.put('a', 'old');
      chmodSync(workspace.at('a'), mode);
      await apply(writing('a', 'new', sent('old', sentMode), newMode));
      assert.equal(workspace.mode('a'), mode);
    }
  });

  it('take the executable bit from the change, for those who may read', async () => {
    for (const [mode, newMode, expected] of [
      [0o640, 0o755, 0o750],
      [0o600, 0o111, 0o700],
    ] as const) {
      workspace.put('a', 'old');
      chmodSync(workspace.at('a'), mode);
      await apply(writing('a', 'new', sent('old', 0o644), newMode));
      assert.equal(workspace.mode('a'), expected);
    }
    await apply(writing('a', 'old', sent('new', 0o755), 0o644));
    assert.equal(workspace.mode('a'), 0o600);
  });

  it('change alone where the content stays', async () => {
    workspace.put('a', 'same');
    chmodSync(workspace.at('a'), 0o644);
    await apply(writing('a', 'same', sent('same', 0o644), 0o755));
    assert.deepEqual([workspace.text('a'), workspace.mode('a')], ['same', 0o755]);
  });

  it('never hold setuid, setgid or sticky, neither from the change nor from the file that is replaced', async () => {
    workspace.put('a', 'old');
    chmodSync(workspace.at('a'), 0o6755);
    await apply(writing('a', 'new', sent('old', 0o755), 0o6755));
    await apply(writing('b', 'new', undefined, 0o7777));
    assert.deepEqual([workspace.mode('a'), workspace.mode('b')], [0o755, 0o750]);
  });

  it('belong to the owner of the file that is replaced', async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can give files away');
    workspace.put('a', 'old');
    chownSync(workspace.at('a'), 12_345, 23_456);
    await apply(writing('a', 'new', sent('old')));
    const { uid, gid, mode } = lstatSync(workspace.at('a'));
    assert.deepEqual([uid, gid, mode & 0o777], [12_345, 23_456, 0o644 & ~0o027]);
  });

  it('give another group no more than everybody has, where the group cannot be kept', async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can make a file of somebody else’s');
    for (const folder of [workspace.base, workspace.root]) chmodSync(folder, 0o777);
    workspace.put('a', 'old');
    chmodSync(workspace.at('a'), 0o664);
    chownSync(workspace.at('a'), 12_345, 23_456);
    process.seteuid?.(65_534);
    try {
      await apply(writing('a', 'new', sent('old')));
    } finally {
      process.seteuid?.(0);
    }
    const { uid, gid, mode } = lstatSync(workspace.at('a'));
    assert.deepEqual([uid, gid, mode & 0o777], [65_534, process.getgid?.(), 0o644]);
  });
});
