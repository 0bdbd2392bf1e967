import assert from 'node:assert/strict';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import './support/backend.ts';
import type { Offload } from '../../src/editor/offload.ts';
import { fileItem } from '../../src/editor/review/changes-view.ts';
import type { AnsweredDialogs } from './support/dialogs.ts';
import { restarted } from './support/extension.ts';
import { open, read, remove, root, until, write } from './support/workspace.ts';

describe('the review of what a run changed', () => {
  let offload: Offload;
  let dialogs: AnsweredDialogs;

  beforeEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    ({ offload, dialogs } = await restarted());
    await offload.takeUpEarlierRuns();
    for (const review of offload.reviews.all) await offload.reviews.settle(review.files);
  });

  const act = (command: string, ...args: unknown[]) =>
    vscode.commands.executeCommand(`offload.${command}`, ...args);

  /** Runs a program that is sent as a file and gives its changed files by path. */
  async function changedBy(code: string | Uint8Array, name = 'maker.py') {
    await act('runFile', await write(name, code));
    const [review] = offload.reviews.all;
    assert.ok(review, dialogs.asked.map(({ message }) => message).join('\n'));
    return Object.fromEntries(review.files.map((file) => [file.change.path, file]));
  }

  /** The files that wait for the user's decision. */
  const labels = () => offload.reviews.all.flatMap((review) => review.files.map(({ label }) => label));
  const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const opened = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();

  it('touches nothing until the user says yes, then writes what was made', async () => {
    await changedBy(
      'import os\nos.mkdir("out")\nopen("out/a.txt", "w").write("A")\nopen("b.txt", "w").write("B")',
    );
    assert.equal(await read('b.txt'), undefined);
    await act('acceptAllChanges');
    assert.deepEqual([await read('out/a.txt'), await read('b.txt')], ['A', 'B']);
    assert.deepEqual(offload.reviews.all, []);
    assert.deepEqual(await offload.records.all(), []);
    await remove('out');
    await remove('b.txt');
  });

  it('offers what to do at the end of the run, and does it', async () => {
    dialogs.answer('maker.py changed 1 file', 'Accept All');
    await act('runFile', await write('maker.py', 'open("offered.txt", "w").write("O")'));
    await until('the file', () => read('offered.txt'));
    await remove('offered.txt');
  });

  it('opens all changes in the multi-diff editor, once', async () => {
    await changedBy('open("m1.txt", "w").write("1")\nopen("m2.txt", "w").write("2")');
    await act('reviewChanges');
    await act('reviewChanges');
    const labels = tabs().map(({ label }) => label);
    assert.equal(labels.filter((label) => label.startsWith('Changes by maker.py')).length, 1, labels.join());
    await act('acceptAllChanges');
    assert.ok(
      !tabs().some(({ label }) => label.startsWith('Changes by')),
      'it closes when all is decided on',
    );
    await remove('m1.txt');
    await remove('m2.txt');
  });

  it('has the snapshot on one side and a copy that can be written on the other', async () => {
    const files = await changedBy('open(__file__, "a").write("# more\\n")\n');
    const file = files['maker.py'];
    assert.ok(file);
    assert.equal(await opened(file.snapshotUri), 'open(__file__, "a").write("# more\\n")\n');
    assert.equal(await opened(file.uri), 'open(__file__, "a").write("# more\\n")\n# more\n');
    assert.equal(vscode.workspace.fs.isWritableFileSystem('offload-review'), true);
    assert.equal(vscode.workspace.fs.isWritableFileSystem('offload-snapshot'), false);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(file.snapshotUri, Buffer.from('x'))));
    await act('openChange', file);
    assert.ok(tabs().some(({ input }) => input instanceof vscode.TabInputTextDiff));
  });

  it('accepts what the user made of a copy, unsaved edits included, and nothing else', async () => {
    const files = await changedBy(
      'open("edited.txt", "w").write("one\\ntwo\\n")\nopen("other.txt", "w").write("x")',
    );
    const file = files['edited.txt'];
    assert.ok(file);
    const editor = await vscode.window.showTextDocument(file.uri);
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 0, 3), 'ONE');
    });
    await act('acceptChange');
    assert.deepEqual([await read('edited.txt'), await read('other.txt')], ['ONE\ntwo\n', undefined]);
    assert.deepEqual(labels(), ['other.txt']);
    await remove('edited.txt');
  });

  it('takes an accepting back in one step, edits of copies included', async () => {
    await write('kept.txt', 'mine');
    const files = await changedBy('open("u1.txt", "w").write("1")\nopen("u2.txt", "w").write("2")');
    const [first] = Object.values(files);
    assert.ok(first);
    await vscode.workspace.fs.writeFile(first.uri, Buffer.from('1, edited'));
    await act('acceptAllChanges');
    assert.deepEqual([await read('u1.txt'), await read('u2.txt')], ['1, edited', '2']);
    await act('undoAccept');
    assert.deepEqual(
      [await read('u1.txt'), await read('u2.txt'), await read('kept.txt')],
      [undefined, undefined, 'mine'],
    );
    const [review] = offload.reviews.all;
    assert.deepEqual(
      review?.files.map(({ label }) => label),
      ['u1.txt', 'u2.txt'],
    );
    assert.equal(await opened(first.uri), '1, edited');
    await act('undoAccept');
    assert.equal(dialogs.withText('Nothing was accepted').length, 1);
  });

  it('leaves alone what was changed since it was accepted, when that is taken back', async () => {
    await changedBy('open("s1.txt", "w").write("1")\nopen("s2.txt", "w").write("2")');
    await act('acceptAllChanges');
    await write('s1.txt', 'my own now');
    await act('undoAccept');
    assert.deepEqual([await read('s1.txt'), await read('s2.txt')], ['my own now', undefined]);
    assert.equal(dialogs.withText('s1.txt has changed in the workspace').length, 1);
    await remove('s1.txt');
  });

  it('discards one and all, after a question', async () => {
    const files = await changedBy('for n in "xyz": open(n, "w").write(n)');
    await act('discardChange', files['x']);
    assert.equal(offload.reviews.all[0]?.files.length, 3, 'a question that is closed is no yes');
    dialogs.answer('Discard', 'Discard');
    await act('discardChange', files['x']);
    assert.deepEqual(labels(), ['y', 'z']);
    await act('discardChanges');
    assert.deepEqual(offload.reviews.all, []);
    assert.deepEqual(await offload.records.all(), []);
    assert.equal(await read('x'), undefined);
  });

  it('deletes what the run deleted', async () => {
    await changedBy('import os\nos.remove(__file__)');
    assert.ok(await read('maker.py'));
    await act('reviewChanges');
    await act('acceptAllChanges');
    assert.equal(await read('maker.py'), undefined);
  });

  it('keeps byte order mark, line endings, encoding and mode of a file that was sent', async () => {
    const code = Buffer.from('\ufeff# caf\u00e9\r\nopen(__file__, "ab").write(b"# end\\r\\n")\r\n');
    const uri = await write('marks.py', code);
    await chmod(uri.fsPath, 0o755);
    await open('marks.py');
    await act('runFile', uri);
    await act('acceptAllChanges');
    assert.deepEqual(await readFile(uri.fsPath), Buffer.concat([code, Buffer.from('# end\r\n')]));
    assert.equal((await stat(uri.fsPath)).mode & 0o777, 0o755);
    const latin = Buffer.from(
      '# -*- coding: latin-1 -*-\n# caf\u00e9\nopen(__file__, "ab").write(b"# \\xe9\\n")\n',
      'latin1',
    );
    await changedBy(latin, 'latin.py');
    await act('acceptAllChanges');
    assert.deepEqual(
      await readFile(join(root(), 'latin.py')),
      Buffer.concat([latin, Buffer.from('# é\n', 'latin1')]),
    );
  });

  it('saves the unsaved edits that were sent before it writes the change that rests on them', async () => {
    const editor = await open('dirty.py', 'old = 1\r\n');
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 1, 0), 'open(__file__, "ab").write(b"# end\\r\\n")\n');
    });
    await act('runFile');
    await act('acceptAllChanges');
    assert.deepEqual(dialogs.withText('unsaved edits'), []);
    assert.equal(await read('dirty.py'), 'open(__file__, "ab").write(b"# end\\r\\n")\r\n# end\r\n');
  });

  it('asks before it writes over a file that is not as it was sent', async () => {
    await write('taken.txt', 'mine');
    await changedBy('open("taken.txt", "w").write("theirs")');
    await act('acceptAllChanges');
    assert.equal(await read('taken.txt'), 'mine');
    assert.equal(offload.reviews.all.length, 1, 'it stays to be decided on');
    dialogs.answer('taken.txt is in the workspace already', 'Skip');
    await act('acceptAllChanges');
    assert.equal(await read('taken.txt'), 'mine');
    dialogs.answer('taken.txt is in the workspace already', 'Compare');
    await act('acceptAllChanges');
    assert.ok(
      tabs().some(({ label }) => label === 'taken.txt (workspace ↔ sandbox)'),
      tabs()
        .map(({ label }) => label)
        .join(),
    );
    dialogs.answer('taken.txt is in the workspace already', 'Overwrite');
    await act('acceptAllChanges');
    assert.equal(await read('taken.txt'), 'theirs');
    await act('undoAccept');
    assert.equal(await read('taken.txt'), 'mine');
    await remove('taken.txt');
  });

  it('can write over all that is in conflict at once', async () => {
    for (const n of '123') await write(`c${n}.txt`, 'mine');
    await changedBy('for n in "123": open(f"c{n}.txt", "w").write(n)');
    dialogs.answer('c1.txt', 'Overwrite All (3)');
    await act('acceptAllChanges');
    assert.deepEqual(await Promise.all(['1', '2', '3'].map((n) => read(`c${n}.txt`))), ['1', '2', '3']);
    for (const n of '123') await remove(`c${n}.txt`);
  });

  it('asks before it writes over unsaved edits, which it saves so that they can be brought back', async () => {
    const editor = await open('typing.txt', 'saved');
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), 'un');
    });
    await changedBy('open("typing.txt", "w").write("theirs")');
    await act('acceptAllChanges');
    assert.equal(dialogs.withText('typing.txt has unsaved edits').length, 1);
    assert.equal(await read('typing.txt'), 'saved');
    dialogs.answer('typing.txt has unsaved edits', 'Overwrite');
    await act('acceptAllChanges');
    assert.equal(await read('typing.txt'), 'theirs');
    await until('the editor to show it', () => editor.document.getText() === 'theirs');
    await act('undoAccept');
    assert.equal(await read('typing.txt'), 'unsaved');
    await remove('typing.txt');
  });

  it('asks for each file that something runs by itself, also among all', async () => {
    const code = [
      'import os',
      'for d in [".vscode", ".git/hooks"]: os.makedirs(d)',
      'open(".vscode/tasks.json", "w").write("{}")',
      'open(".git/hooks/pre-commit", "w").write("x")',
      'open("plain.txt", "w").write("p")',
    ];
    const files = await changedBy(code.join('\n'));
    dialogs.answer('.vscode/tasks.json', 'Accept');
    dialogs.answer('.git/hooks/pre-commit', 'Skip');
    await act('acceptAllChanges');
    const guarded = dialogs.asked.filter(({ modal }) => modal === true);
    assert.equal(guarded.length, 2);
    assert.ok(guarded.every(({ detail }) => /run|Git/.test(detail ?? '')));
    assert.deepEqual(await Promise.all(Object.keys(files).map(read)), [undefined, '{}', 'p']);
    assert.deepEqual(labels(), ['.git/hooks/pre-commit']);
    await act('acceptChange', files['.git/hooks/pre-commit']);
    assert.equal(await read('.git/hooks/pre-commit'), undefined);
    await remove('.vscode');
    await remove('plain.txt');
  });

  it('writes nothing at all when the user stops at a guarded file', async () => {
    await changedBy('open("package.json", "w").write("{}")\nopen("plain2.txt", "w").write("p")');
    await act('acceptAllChanges');
    assert.deepEqual([await read('package.json'), await read('plain2.txt')], [undefined, undefined]);
    assert.equal(offload.reviews.all[0]?.files.length, 2);
  });

  it('shows a hostile name as it is, and makes no link of it', async () => {
    const code =
      'open("[x](command:y)\\u202etxt.exe\\n", "w").write("x")\nopen("it\'s $(a) \\"b\\".txt", "w").write("y")';
    const files = await changedBy(code);
    const labels = Object.values(files).map(({ label }) => label);
    assert.ok(labels.includes('[x](command:y)\\u{202e}txt.exe\\n'), labels.join());
    const quoted = files['it\'s $(a) "b".txt'];
    assert.ok(quoted);
    assert.equal(await opened(quoted.uri), 'y');
    await act('acceptChange', quoted);
    assert.equal(await read('it\'s $(a) "b".txt'), 'y');
  });

  it('follows no link out of the workspace', async () => {
    await symlink('/tmp', join(root(), 'out-link'));
    await changedBy('import os\nos.mkdir("out-link")\nopen("out-link/offload-escape.txt", "w").write("x")');
    await act('acceptAllChanges');
    assert.equal(dialogs.withText('out-link').length, 1);
    await assert.rejects(stat('/tmp/offload-escape.txt'));
    await remove('out-link');
  });

  it('writes pictures and other bytes as they are', async () => {
    await changedBy(
      'open("bytes.bin", "wb").write(bytes(range(256)) * 4)\nopen("p.png", "wb").write(b"\\x89PNG\\r\\n\\x1a\\n")',
    );
    await act('reviewChanges');
    await act('acceptAllChanges');
    const bytes = await readFile(join(root(), 'bytes.bin'));
    assert.deepEqual(
      bytes,
      Buffer.concat(Array.from({ length: 4 }, () => Buffer.from(Array.from({ length: 256 }, (_, i) => i)))),
    );
    await remove('bytes.bin');
    await remove('p.png');
  });

  it('asks where to put the files of code that was never saved', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content: 'open("u.txt", "w").write("U")',
    });
    await vscode.window.showTextDocument(document);
    await act('runFile');
    await act('acceptAllChanges');
    assert.equal(offload.reviews.all.length, 1, 'no folder, nothing written');
    dialogs.folder = vscode.Uri.file(join(root(), 'chosen'));
    await vscode.workspace.fs.createDirectory(dialogs.folder);
    await act('acceptAllChanges');
    assert.equal(await read('chosen/u.txt'), 'U');
    await remove('chosen');
  });

  it('lists runs and files in a view with what they are', async () => {
    const files = await changedBy('open("package.json", "w").write("{}")\nopen("sub.txt", "w").write("p")');
    const items = Object.values(files).map(fileItem);
    assert.deepEqual(
      items.map(({ label }) => label),
      ['package.json', 'sub.txt'],
    );
    assert.deepEqual(
      items.map(({ description }) => description),
      ['needs its own approval', ''],
    );
    assert.deepEqual(
      items.map(({ accessibilityInformation }) => accessibilityInformation?.label),
      ['package.json, created, needs its own approval', 'sub.txt, created'],
    );
  });

  it('picks among several runs', async () => {
    await changedBy('open("r1.txt", "w").write("1")', 'one.py');
    await changedBy('open("r2.txt", "w").write("2")', 'two.py');
    dialogs.picked = 'one.py';
    await act('acceptAllChanges');
    assert.deepEqual([await read('r1.txt'), await read('r2.txt')], ['1', undefined]);
    assert.deepEqual(
      dialogs.picks.map(({ items }) => items.map(({ label }) => label)),
      [['$(package) two.py', '$(package) one.py']],
    );
    await remove('r1.txt');
  });
});
