import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { agentProgram } from '../../support/task/agents.ts';
import type { MessagesApiOptions } from '../../support/messages-api/server.ts';
import './backend.ts';
import { TaskUser } from './task-user.ts';
import { remove, root } from './workspace.ts';

/**
 * Gives each test of a suite a user of Claude Code whose folder is empty, and ends them afterwards.
 * @param onBegin told each test's user
 * @returns begins one whose model answers by the script; called once in each test
 */
export function withTaskUser(
  onBegin: (user: TaskUser) => void,
): (script: MessagesApiOptions) => Promise<void> {
  let user: TaskUser;

  before(function () {
    agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
  });

  beforeEach(async () => {
    for (const name of await vscode.workspace.fs.readDirectory(vscode.Uri.file(root())))
      await remove(name[0]);
  });

  afterEach(async () => {
    await user.end();
    assert.deepEqual(user.api.unexpected, []);
  });

  return async (script) => {
    user = await TaskUser.begin(script);
    onBegin(user);
  };
}
