import assert from 'node:assert/strict';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import './support/backend.ts';
import { opened, Reviewer, tabs } from './support/reviewer.ts';
import { open, read, remove, root, until, write } from './support/workspace.ts';

describe('accepting a change', () => {
  let user: Reviewer;

  beforeEach(async () => {
    user = await Reviewer.fresh();
  });

  it('keeps byte order mark, line endings, encoding and mode of a file that was sent', async () => {
    const code = Buffer.from('\ufeff# caf\u00e9\r\nopen(__file__, "ab").write(b"# end\\r\\n")\r\n');
    const uri = await write('marks.py', code);
    await chmod(uri.fsPath, 0o755);
    await open('marks.py');
    await user.act('runFile', uri);
    await user.act('acceptAllChanges');
    assert.deepEqual(await readFile(uri.fsPath), Buffer.concat([code, Buffer.from('# end\r\n')]));
    assert.equal((await stat(uri.fsPath)).mode & 0o777, 0o755);
    const latin = Buffer.from(
      '# -*- coding: latin-1 -*-\n# caf\u00e9\nopen(__file__, "ab").write(b"# \\xe9\\n")\n',
      'latin1',
    );
    await user.changedBy(latin, 'latin.py');
    await user.act('acceptAllChanges');
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
    await user.act('runFile');
    await user.act('acceptAllChanges');
    assert.deepEqual(user.dialogs.withText('unsaved edits'), []);
    assert.equal(await read('dirty.py'), 'open(__file__, "ab").write(b"# end\\r\\n")\r\n# end\r\n');
  });

  it('asks before it writes over a file that is not as it was sent', async () => {
    await write('taken.txt', 'mine');
    await user.changedBy('open("taken.txt", "w").write("theirs")');
    await user.act('acceptAllChanges');
    assert.equal(await read('taken.txt'), 'mine');
    assert.equal(user.offload.reviews.all.length, 1, 'it stays to be decided on');
    user.dialogs.answer('taken.txt is in the workspace already', 'Skip');
    await user.act('acceptAllChanges');
    assert.equal(await read('taken.txt'), 'mine');
    user.dialogs.answer('taken.txt is in the workspace already', 'Compare');
    await user.act('acceptAllChanges');
    assert.ok(
      tabs().some(({ label }) => label === 'taken.txt (workspace ↔ sandbox)'),
      tabs()
        .map(({ label }) => label)
        .join(),
    );
    user.dialogs.answer('taken.txt is in the workspace already', 'Overwrite');
    await user.act('acceptAllChanges');
    assert.equal(await read('taken.txt'), 'theirs');
    await user.act('undoAccept');
    assert.equal(await read('taken.txt'), 'mine');
    await remove('taken.txt');
  });

  it('can write over all that is in conflict at once', async () => {
    for (const n of '123') await write(`c${n}.txt`, 'mine');
    await user.changedBy('for n in "123": open(f"c{n}.txt", "w").write(n)');
    user.dialogs.answer('c1.txt', 'Overwrite All (3)');
    await user.act('acceptAllChanges');
    assert.deepEqual(await Promise.all(['1', '2', '3'].map((n) => read(`c${n}.txt`))), ['1', '2', '3']);
    for (const n of '123') await remove(`c${n}.txt`);
  });

  it('asks before it writes over unsaved edits, which it saves so that they can be brought back', async () => {
    const editor = await open('typing.txt', 'saved');
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), 'un');
    });
    await user.changedBy('open("typing.txt", "w").write("theirs")');
    await user.act('acceptAllChanges');
    assert.equal(user.dialogs.withText('typing.txt has unsaved edits').length, 1);
    assert.equal(await read('typing.txt'), 'saved');
    user.dialogs.answer('typing.txt has unsaved edits', 'Overwrite');
    await user.act('acceptAllChanges');
    assert.equal(await read('typing.txt'), 'theirs');
    await until('the editor to show it', () => editor.document.getText() === 'theirs');
    await user.act('undoAccept');
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
    const files = await user.changedBy(code.join('\n'));
    user.dialogs.answer('.vscode/tasks.json', 'Accept');
    user.dialogs.answer('.git/hooks/pre-commit', 'Skip');
    await user.act('acceptAllChanges');
    const guarded = user.dialogs.asked.filter(({ modal }) => modal === true);
    assert.equal(guarded.length, 2);
    assert.ok(guarded.every(({ detail }) => /run|Git/.test(detail ?? '')));
    assert.deepEqual(await Promise.all(Object.keys(files).map(read)), [undefined, '{}', 'p']);
    assert.deepEqual(user.labels, ['.git/hooks/pre-commit']);
    await user.act('acceptChange', files['.git/hooks/pre-commit']);
    assert.equal(await read('.git/hooks/pre-commit'), undefined);
    await remove('.vscode');
    await remove('plain.txt');
  });

  it('writes nothing at all when the user stops at a guarded file', async () => {
    await user.changedBy('open("package.json", "w").write("{}")\nopen("plain2.txt", "w").write("p")');
    await user.act('acceptAllChanges');
    assert.deepEqual([await read('package.json'), await read('plain2.txt')], [undefined, undefined]);
    assert.equal(user.offload.reviews.all[0]?.files.length, 2);
  });

  it('shows a hostile name as it is, and makes no link of it', async () => {
    const code =
      'open("[x](command:y)\\u202etxt.exe\\n", "w").write("x")\nopen("it\'s $(a) \\"b\\".txt", "w").write("y")';
    const files = await user.changedBy(code);
    const labels = Object.values(files).map(({ label }) => label);
    assert.ok(labels.includes('[x](command:y)\\u{202e}txt.exe\\n'), labels.join());
    const quoted = files['it\'s $(a) "b".txt'];
    assert.ok(quoted);
    assert.equal(await opened(quoted.uri), 'y');
    await user.act('acceptChange', quoted);
    assert.equal(await read('it\'s $(a) "b".txt'), 'y');
  });

  it('follows no link out of the workspace', async () => {
    await symlink('/tmp', join(root(), 'out-link'));
    await user.changedBy(
      'import os\nos.mkdir("out-link")\nopen("out-link/offload-escape.txt", "w").write("x")',
    );
    await user.act('acceptAllChanges');
    assert.equal(user.dialogs.withText('out-link').length, 1);
    await assert.rejects(stat('/tmp/offload-escape.txt'));
    await remove('out-link');
  });

  it('writes pictures and other bytes as they are', async () => {
    await user.changedBy(
      'open("bytes.bin", "wb").write(bytes(range(256)) * 4)\nopen("p.png", "wb").write(b"\\x89PNG\\r\\n\\x1a\\n")',
    );
    await user.act('reviewChanges');
    await user.act('acceptAllChanges');
    const bytes = await readFile(join(root(), 'bytes.bin'));
    assert.deepEqual(
      bytes,
      Buffer.concat(Array.from({ length: 4 }, () => Buffer.from(Array.from({ length: 256 }, (_, i) => i)))),
    );
    await remove('bytes.bin');
    await remove('p.png');
  });

  it('does not show what is too large, and accepts it all the same', async () => {
    const files = await user.changedBy(
      'with open("large.bin", "wb") as f:\n  for _ in range(70): f.write(b"x" * 1024 * 1024)',
    );
    const file = files['large.bin'];
    assert.ok(file);
    await assert.rejects(
      Promise.resolve(vscode.workspace.fs.readFile(file.uri)),
      /large\.bin has 73\.4 MB, too much to be shown/,
    );
    await user.act('acceptChange', file);
    assert.equal((await stat(join(root(), 'large.bin'))).size, 70 * 1024 * 1024);
    await remove('large.bin');
  });

  it('asks where to put the files of code that was never saved', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content: 'open("u.txt", "w").write("U")',
    });
    await vscode.window.showTextDocument(document);
    await user.act('runFile');
    await user.act('acceptAllChanges');
    assert.equal(user.offload.reviews.all.length, 1, 'no folder, nothing written');
    user.dialogs.folder = vscode.Uri.file(join(root(), 'chosen'));
    await vscode.workspace.fs.createDirectory(user.dialogs.folder);
    await user.act('acceptAllChanges');
    assert.equal(await read('chosen/u.txt'), 'U');
    await remove('chosen');
  });
});
