import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { newRunId } from '../../src/core/program/program.ts';
import type { RunRecord } from '../../src/editor/run/record.ts';
import { sha256 } from '../../src/editor/sha256.ts';
import './support/backend.ts';
import { opened, Reviewer } from './support/reviewer.ts';
import { read, remove, root, write } from './support/workspace.ts';

describe('changes to a workspace of several folders', () => {
  let user: Reviewer;
  const folder = (name: string) => vscode.Uri.joinPath(vscode.Uri.file(root()), name).toString();
  const sent = (path: string, text: string) => ({
    ...{ path, mode: 0o644, size: Buffer.byteLength(text), hash: sha256(Buffer.from(text)) },
  });
  const change = (path: string, operation: 'modify' | 'delete') =>
    ({
      type: 'change',
      seq: 1,
      time: 0,
      path,
      operation,
      mode: 0o644,
      size: 1,
      hash: 'f'.repeat(64),
    }) as const;

  /** The record of a task that changed a file in each of two folders, and one beside them. */
  const record = (): RunRecord => ({
    ...{ format: 1, runId: newRunId(), title: 'both', details: [], createdAt: Date.now(), folders: [] },
    roots: [
      { name: 'one', uri: folder('first') },
      { name: 'two', uri: folder('second') },
    ],
    sent: [sent('one/a.txt', 'a'), sent('two/b.txt', 'b'), sent('beside.txt', 'c')],
    changes: [change('one/a.txt', 'delete'), change('two/b.txt', 'modify'), change('beside.txt', 'delete')],
  });

  beforeEach(async () => {
    user = await Reviewer.fresh();
    await write('first/a.txt', 'a');
    await write('second/b.txt', 'b');
    await write('beside.txt', 'c');
  });

  afterEach(async () => {
    await user.offload.reviews.settle(user.offload.reviews.all.flatMap(({ files }) => files));
    for (const path of ['first', 'second', 'beside.txt']) await remove(path);
  });

  it('go each to its own, are compared with what lies there, and are taken back in one step', async () => {
    const review = user.offload.reviews.add(record());
    const modified = review.file('two/b.txt');
    assert.ok(modified);
    assert.equal(
      await opened(modified.snapshotUri),
      'b',
      'the left side comes from the disk, where it is the same',
    );
    await vscode.workspace.fs.writeFile(modified.uri, Buffer.from('bee'));
    await user.act('acceptAllChanges');
    assert.deepEqual([await read('first/a.txt'), await read('second/b.txt')], [undefined, 'bee']);
    assert.equal(user.dialogs.withText('beside.txt lies beside the folders of the workspace').length, 1);
    assert.deepEqual(user.labels, ['beside.txt']);
    assert.equal(await read('beside.txt'), 'c');
    await user.act('undoAccept');
    assert.deepEqual([await read('first/a.txt'), await read('second/b.txt')], ['a', 'b']);
    assert.deepEqual(user.labels, ['beside.txt', 'one/a.txt', 'two/b.txt']);
  });

  it('are asked about where a file there has changed meanwhile', async () => {
    user.offload.reviews.add(record());
    await write('first/a.txt', 'of the user');
    await user.act('acceptChange', user.offload.reviews.all[0]?.file('one/a.txt'));
    assert.equal(user.dialogs.withText('has changed in the workspace').length, 1);
    assert.equal(await read('first/a.txt'), 'of the user');
  });
});
