import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { say, use } from '../support/messages-api/turn.ts';
import { agentProgram } from '../support/task/agents.ts';
import './support/backend.ts';
import { opened } from './support/reviewer.ts';
import { TaskUser } from './support/task-user.ts';
import { open, read, write } from './support/workspace.ts';

/** The workspace's folders lie beside each other; paths are from the first of them. */
const ONE = 'a.txt';
const TWO = '../two/b.txt';
const NEW = '../two/new/made.txt';

describe('a task in a window of two folders', () => {
  let user: TaskUser;

  before(async function () {
    agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    const command =
      'cat one/a.txt two/b.txt && sed -i s/a/A/ one/a.txt && rm two/b.txt && mkdir two/new && echo made > two/new/made.txt';
    user = await TaskUser.begin({
      turns: [use('Bash', { command, description: 'Works in both' }), say('Done.')],
    });
  });

  after(async () => {
    await (user as TaskUser | undefined)?.end();
  });

  it('takes both along as they are seen, and brings the changes of each back into it', async () => {
    assert.deepEqual(
      vscode.workspace.workspaceFolders?.map(({ name }) => name),
      ['one', 'two'],
    );
    await write(ONE, 'first a\n');
    const editor = await open(TWO, 'as saved\n');
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, 1, 0), 'second b, edited\n');
    });
    await user.task('Work in both');
    assert.match(
      user.dialogs.withText('to the sandbox?')[0]?.detail ?? '',
      /From one, two, with unsaved edits/,
    );
    const result = JSON.stringify(user.api.bodies.at(-1)?.messages);
    assert.match(result, /first a\\+nsecond b, edited/);
    const files = user.offload.reviews.all[0]?.files ?? [];
    assert.deepEqual(
      files.map(({ change }) => [change.path, change.operation]),
      [
        ['one/a.txt', 'modify'],
        ['two/b.txt', 'delete'],
        ['two/new/made.txt', 'create'],
      ],
    );
    assert.deepEqual(
      [await read(ONE), await read(TWO), await read(NEW)],
      ['first a\n', 'as saved\n', undefined],
      'nothing is written before it is accepted',
    );
    const [first] = files;
    assert.ok(first);
    assert.deepEqual([await opened(first.snapshotUri), await opened(first.uri)], ['first a\n', 'first A\n']);
    await user.act('acceptAllChanges');
    assert.deepEqual(user.dialogs.withText('has changed'), []);
    assert.deepEqual([await read(ONE), await read(TWO), await read(NEW)], ['first A\n', undefined, 'made\n']);
    await user.act('undoAccept');
    assert.deepEqual(
      [await read(ONE), await read(TWO), await read(NEW)],
      ['first a\n', 'second b, edited\n', undefined],
    );
  });
});
