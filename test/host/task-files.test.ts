import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { say } from '../support/messages-api/turn.ts';
import { bash, write_ } from './support/agent-tools.ts';
import { unsavedNotebook, withoutNotebookFormat } from './support/notebook.ts';
import { opened } from './support/reviewer.ts';
import type { TaskUser } from './support/task-user.ts';
import { open, read, remove, until, write } from './support/workspace.ts';
import { withTaskUser } from './support/with-task-user.ts';

describe('a task from the editor and the files of its user', () => {
  let user: TaskUser;
  const begin = withTaskUser((begun) => (user = begun));

  it('works on the files as they are seen, and is compared with them', async () => {
    await begin({
      turns: [bash('sed -i s/edited/changed/ a.txt && rm b.txt && chmod +x c.sh'), say('Done.')],
    });
    await write('b.txt', 'bee');
    await write('c.sh', 'echo');
    const editor = await open('a.txt', 'as saved\n');
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 1, 0), 'as edited\n');
    });
    await user.task('Change it');
    const files = Object.fromEntries(
      (user.offload.reviews.all[0]?.files ?? []).map((file) => [file.change.path, file]),
    );
    assert.deepEqual(
      Object.entries(files).map(([path, { change }]) => [path, change.operation]),
      [
        ['a.txt', 'modify'],
        ['b.txt', 'delete'],
        ['c.sh', 'modify'],
      ],
    );
    const { 'a.txt': a, 'b.txt': b } = files;
    assert.ok(a && b);
    assert.equal(await opened(a.snapshotUri), 'as edited\n', 'the left side is what was sent');
    assert.equal(await opened(a.uri), 'as changed\n');
    await remove('b.txt');
    assert.equal(await opened(b.snapshotUri), 'bee', 'also when it is gone from the disk');
    await write('b.txt', 'bee');
    await user.act('acceptAllChanges');
    assert.deepEqual(user.dialogs.withText('has changed'), []);
    assert.deepEqual([await read('a.txt'), await read('b.txt')], ['as changed\n', undefined]);
    await user.act('undoAccept');
    assert.deepEqual([await read('a.txt'), await read('b.txt')], ['as edited\n', 'bee']);
  });

  it('asks before a file is replaced that has changed meanwhile', async () => {
    await begin({ turns: [write_('a.txt', 'of the agent'), say('Done.')] });
    await write('a.txt', 'as sent');
    await user.task('Change a.txt');
    await write('a.txt', 'of the user');
    await user.act('acceptAllChanges');
    assert.equal(user.dialogs.withText('a.txt has changed in the workspace').length, 1);
    assert.equal(await read('a.txt'), 'of the user');
    await user.offload.reviews.settle(user.offload.reviews.all.flatMap(({ files }) => files));
  });

  it('loses nothing where files are edited while it works that it changes too', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await begin({
      turns: [
        bash('for f in a b c; do echo of the agent > $f.txt; done'),
        { ...say('Done.'), hold: { event: 2, until: held } },
      ],
    });
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await write(name, 'as sent\n');
    const task = user.task('Change them');
    await until('its result', () => user.api.bodies[1]);
    await write('a.txt', 'of the user\n');
    const editor = await open('b.txt');
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), 'unsaved, ');
    });
    go();
    await task;
    const [review] = user.offload.reviews.all;
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await user.act('acceptChange', review?.file(name));
    assert.equal(user.dialogs.withText('a.txt has changed in the workspace').length, 1);
    assert.equal(user.dialogs.withText('b.txt has unsaved edits in the editor').length, 1);
    assert.deepEqual(
      [await read('a.txt'), await read('b.txt'), await read('c.txt')],
      ['of the user\n', 'as sent\n', 'of the agent\n'],
    );
    assert.equal(editor.document.getText(), 'unsaved, as sent\n');
    const left = user.offload.reviews.all.flatMap(({ files }) => files);
    assert.deepEqual(
      left.map(({ label }) => label),
      ['a.txt', 'b.txt'],
    );
    await user.offload.reviews.settle(left);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('takes a notebook along as it is seen, unsaved cells too, and brings its change back', async () => {
    await begin({ turns: [bash('cat n.ipynb && sed -i s/unsaved/changed/ n.ipynb'), say('Done.')] });
    await unsavedNotebook('n.ipynb');
    await user.task('Look at the notebook');
    assert.match(JSON.stringify(user.api.bodies.at(-1)?.messages), /unsaved = 2/);
    assert.doesNotMatch((await read('n.ipynb')) ?? '', /unsaved/, 'it is not saved by being sent');
    await user.act('acceptAllChanges');
    assert.deepEqual(user.dialogs.withText('n.ipynb has'), []);
    assert.match((await read('n.ipynb')) ?? '', /saved = 1[^]*changed = 2/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('says before it is sent that only what is saved of a notebook goes, where nobody can say what is not', async () => {
    const { vscodeFormat, restore } = await withoutNotebookFormat();
    try {
      assert.equal(vscodeFormat.exportNotebook, undefined);
      await begin({ turns: [bash('cat other.ipynb'), say('Done.')] });
      await unsavedNotebook('other.ipynb');
      const runs = (await user.offload.sandbox.runs()).length;
      await user.task('Look at the notebook');
      const [question] = user.dialogs.withText('Send 1 file as saved, without your unsaved edits?');
      assert.equal(question?.modal, true);
      assert.match(question.detail ?? '', /• other\.ipynb[^]*Save them first/);
      assert.equal((await user.offload.sandbox.runs()).length, runs, 'closing it sends nothing');
      user.dialogs.answer('as saved', 'Send As Saved');
      await user.task('Look at the notebook');
      const told = JSON.stringify(user.api.bodies.at(-1)?.messages);
      assert.match(told, /saved = 1/);
      assert.doesNotMatch(told, /unsaved = 2/);
    } finally {
      restore();
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });
});
