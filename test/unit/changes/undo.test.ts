import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { applyChange } from '../../../src/core/changes/apply.ts';
import { undoChange } from '../../../src/core/changes/undo.ts';
import { deleting, sent, tree, Workspace, writing } from './workspace.ts';

describe('undoing a change', () => {
  const workspace = new Workspace();
  const apply = async (...[accepted]: [ReturnType<typeof writing>]) =>
    applyChange({ root: workspace.root, ...accepted });
  const undo = async (record: Awaited<ReturnType<typeof apply>>) =>
    undoChange({ root: workspace.root, undo: record });

  it('removes what was made, and the folders that were made for it', async () => {
    mkdirSync(workspace.at('a'));
    const record = await apply(writing('a/b/c/d.txt', 'new'));
    await undo(record);
    assert.deepEqual(tree(workspace.root), { a: 'folder' });
  });

  it('leaves a folder that has come to hold something else', async () => {
    const record = await apply(writing('a/b/c.txt', 'new'));
    workspace.put('a/mine', 'mine');
    await undo(record);
    assert.deepEqual(tree(workspace.root), { a: 'folder', 'a/mine': 'mine' });
  });

  it('restores content and permission bits of what was replaced or deleted', async () => {
    for (const accepted of [writing('d/a', 'new', sent('old', 0o644), 0o755), deleting('d/a', sent('old'))]) {
      workspace.put('d/a', 'old');
      chmodSync(workspace.at('d/a'), 0o604);
      const record = await apply(accepted);
      await undo(record);
      assert.deepEqual(tree(workspace.root), { d: 'folder', 'd/a': 'old' });
      if (process.platform !== 'win32') assert.equal(workspace.mode('d/a'), 0o604);
    }
  });

  it('restores a deleted file whose folder has gone since', async () => {
    workspace.put('d/a', 'old');
    const record = await apply(deleting('d/a', sent('old')));
    rmSync(workspace.at('d'), { recursive: true });
    await undo(record);
    assert.equal(workspace.text('d/a'), 'old');
  });

  it('restores what the user’s leave to overwrite has replaced', async () => {
    workspace.put('a', 'mine');
    const record = await apply({ ...writing('a', 'new', sent('old')), overwrite: true });
    await undo(record);
    assert.equal(workspace.text('a'), 'mine');
  });

  it('is a conflict where the file is no longer what was applied, and leaves it', async () => {
    workspace.put('b', 'old');
    workspace.put('c', 'old');
    const records = [
      await apply(writing('a', 'new')),
      await apply(writing('b', 'new', sent('old'))),
      await apply(deleting('c', sent('old'))),
    ];
    for (const path of ['a', 'b', 'c']) workspace.put(path, 'mine');
    for (const record of records) await assert.rejects(undo(record), { code: 'conflict' });
    assert.deepEqual(tree(workspace.root), { a: 'mine', b: 'mine', c: 'mine' });
  });

  it('follows no link that has come since', async () => {
    const record = await apply(writing('d/kept.txt', 'kept\n'));
    rmSync(workspace.at('d'), { recursive: true });
    symlinkSync('../outside', workspace.at('d'));
    await assert.rejects(undo(record), { code: 'unsafe-path' });
    assert.deepEqual(tree(workspace.outside), { 'kept.txt': 'kept\n' });
  });

  it('can be done twice', async () => {
    workspace.put('a', 'old');
    const record = await apply(writing('a', 'new', sent('old')));
    await undo(record);
    await undo(record);
    assert.equal(workspace.text('a'), 'old');
  });
});
