import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { fileItem } from '../../src/editor/review/changes-view.ts';
import './support/backend.ts';
import { opened, Reviewer, tabs } from './support/reviewer.ts';
import { read, remove, until, write } from './support/workspace.ts';

describe('the review of what a run changed', () => {
  let user: Reviewer;

  beforeEach(async () => {
    user = await Reviewer.fresh();
  });

  it('touches nothing until the user says yes, then writes what was made', async () => {
    await user.changedBy(
      'import os\nos.mkdir("out")\nopen("out/a.txt", "w").write("A")\nopen("b.txt", "w").write("B")',
    );
    assert.equal(await read('b.txt'), undefined);
    await user.act('acceptAllChanges');
    assert.deepEqual([await read('out/a.txt'), await read('b.txt')], ['A', 'B']);
    assert.deepEqual(user.offload.reviews.all, []);
    assert.deepEqual(await user.offload.records.all(), []);
    await remove('out');
    await remove('b.txt');
  });

  it('offers what to do at the end of the run, and does it', async () => {
    user.dialogs.answer('maker.py changed 1 file', 'Accept All');
    await user.act('runFile', await write('maker.py', 'open("offered.txt", "w").write("O")'));
    await until('the file', () => read('offered.txt'));
    await remove('offered.txt');
  });

  it('opens all changes in the multi-diff editor, once', async () => {
    await user.changedBy('open("m1.txt", "w").write("1")\nopen("m2.txt", "w").write("2")');
    await user.act('reviewChanges');
    await user.act('reviewChanges');
    const labels = tabs().map(({ label }) => label);
    assert.equal(labels.filter((label) => label.startsWith('Changes by maker.py')).length, 1, labels.join());
    await user.act('acceptAllChanges');
    assert.ok(
      !tabs().some(({ label }) => label.startsWith('Changes by')),
      'it closes when all is decided on',
    );
    await remove('m1.txt');
    await remove('m2.txt');
  });

  it('has the snapshot on one side and a copy that can be written on the other', async () => {
    const files = await user.changedBy('open(__file__, "a").write("# more\\n")\n');
    const file = files['maker.py'];
    assert.ok(file);
    assert.equal(await opened(file.snapshotUri), 'open(__file__, "a").write("# more\\n")\n');
    assert.equal(await opened(file.uri), 'open(__file__, "a").write("# more\\n")\n# more\n');
    assert.equal(vscode.workspace.fs.isWritableFileSystem('offload-review'), true);
    assert.equal(vscode.workspace.fs.isWritableFileSystem('offload-snapshot'), false);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(file.snapshotUri, Buffer.from('x'))));
    await user.act('openChange', file);
    assert.ok(tabs().some(({ input }) => input instanceof vscode.TabInputTextDiff));
  });

  it('accepts what the user made of a copy, unsaved edits included, and nothing else', async () => {
    const files = await user.changedBy(
      'open("edited.txt", "w").write("one\\ntwo\\n")\nopen("other.txt", "w").write("x")',
    );
    const file = files['edited.txt'];
    assert.ok(file);
    const editor = await vscode.window.showTextDocument(file.uri);
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 0, 3), 'ONE');
    });
    await user.act('acceptChange');
    assert.deepEqual([await read('edited.txt'), await read('other.txt')], ['ONE\ntwo\n', undefined]);
    assert.deepEqual(user.labels, ['other.txt']);
    await remove('edited.txt');
  });

  it('takes an accepting back in one step, edits of copies included', async () => {
    await write('kept.txt', 'mine');
    const files = await user.changedBy('open("u1.txt", "w").write("1")\nopen("u2.txt", "w").write("2")');
    const [first] = Object.values(files);
    assert.ok(first);
    await vscode.workspace.fs.writeFile(first.uri, Buffer.from('1, edited'));
    await user.act('acceptAllChanges');
    assert.deepEqual([await read('u1.txt'), await read('u2.txt')], ['1, edited', '2']);
    await user.act('undoAccept');
    assert.deepEqual(
      [await read('u1.txt'), await read('u2.txt'), await read('kept.txt')],
      [undefined, undefined, 'mine'],
    );
    const [review] = user.offload.reviews.all;
    assert.deepEqual(
      review?.files.map(({ label }) => label),
      ['u1.txt', 'u2.txt'],
    );
    assert.equal(await opened(first.uri), '1, edited');
    await user.act('undoAccept');
    assert.equal(user.dialogs.withText('Nothing was accepted').length, 1);
  });

  it('leaves alone what was changed since it was accepted, when that is taken back', async () => {
    await user.changedBy('open("s1.txt", "w").write("1")\nopen("s2.txt", "w").write("2")');
    await user.act('acceptAllChanges');
    await write('s1.txt', 'my own now');
    await user.act('undoAccept');
    assert.deepEqual([await read('s1.txt'), await read('s2.txt')], ['my own now', undefined]);
    assert.equal(user.dialogs.withText('s1.txt has changed in the workspace').length, 1);
    await remove('s1.txt');
  });

  it('discards one and all, after a question', async () => {
    const files = await user.changedBy('for n in "xyz": open(n, "w").write(n)');
    await user.act('discardChange', files['x']);
    assert.equal(user.offload.reviews.all[0]?.files.length, 3, 'a question that is closed is no yes');
    user.dialogs.answer('Discard', 'Discard');
    await user.act('discardChange', files['x']);
    assert.deepEqual(user.labels, ['y', 'z']);
    await user.act('discardChanges');
    assert.deepEqual(user.offload.reviews.all, []);
    assert.deepEqual(await user.offload.records.all(), []);
    assert.equal(await read('x'), undefined);
  });

  it('discards a copy with unsaved edits without asking about them, and closes its editor', async () => {
    const files = await user.changedBy('open("unwanted.txt", "w").write("x")');
    const file = files['unwanted.txt'];
    assert.ok(file);
    const editor = await vscode.window.showTextDocument(file.uri);
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), 'more ');
    });
    user.dialogs.answer('Discard the change to unwanted.txt', 'Discard');
    await user.act('discardChange');
    assert.deepEqual(tabs(), []);
    assert.equal(await read('unwanted.txt'), undefined);
  });

  it('deletes what the run deleted', async () => {
    await user.changedBy('import os\nos.remove(__file__)');
    assert.ok(await read('maker.py'));
    await user.act('reviewChanges');
    await user.act('acceptAllChanges');
    assert.equal(await read('maker.py'), undefined);
  });

  it('lists runs and files in a view with what they are', async () => {
    const files = await user.changedBy(
      'open("package.json", "w").write("{}")\nopen("sub.txt", "w").write("p")',
    );
    const items = Object.values(files).map(fileItem);
    assert.deepEqual(
      items.map(({ label }) => label),
      ['package.json', 'sub.txt'],
    );
    assert.deepEqual(
      items.map(({ description }) => description),
      ['needs approval', ''],
    );
    assert.match(
      items.map(({ tooltip }) => tooltip as string)[1] ?? '',
      /^sub\.txt: created\n1 byte\nSHA-256 148de9c5a7a44d19…$/,
    );
    assert.deepEqual(
      items.map(({ accessibilityInformation }) => accessibilityInformation?.label),
      ['package.json, created, needs approval', 'sub.txt, created'],
    );
  });

  it('picks among several runs', async () => {
    await user.changedBy('open("r1.txt", "w").write("1")', 'one.py');
    await user.changedBy('open("r2.txt", "w").write("2")', 'two.py');
    user.dialogs.picked = 'one.py';
    await user.act('acceptAllChanges');
    assert.deepEqual([await read('r1.txt'), await read('r2.txt')], ['1', undefined]);
    assert.deepEqual(
      user.dialogs.picks.map(({ items }) => items.map(({ label }) => label)),
      [['$(package) two.py', '$(package) one.py']],
    );
    await remove('r1.txt');
  });
});
