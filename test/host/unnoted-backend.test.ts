import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { DEPLOYMENTS } from '../../src/core/deploy/folders.ts';
import { localFolders } from '../../src/core/local/folders.ts';
import './support/backend.ts';
import { AwsUser } from './support/aws-user.ts';
import { until } from './support/workspace.ts';

describe('the status of a backend that this machine has not noted', () => {
  const place = { profile: 'work', region: 'eu-west-1', stack: 'offload' };
  const notes = join(localFolders().state, DEPLOYMENTS);
  let user: AwsUser;

  beforeEach(async () => {
    user = await AwsUser.begin();
    user.agree();
    await user.act('deployBackend');
    await rm(notes, { recursive: true });
  });
  afterEach(async () => {
    await user.end();
  });

  const shown = () =>
    until('all of the status', () => {
      const text = vscode.workspace.textDocuments
        .find(({ uri }) => uri.scheme === 'offload-backend')
        ?.getText();
      return text?.includes('…') === false ? text : undefined;
    });

  it('has runs go there from now on, which whoever shows places is told of', async () => {
    const { targets } = user.offload;
    let told = 0;
    const listening = targets.onDidChange(() => told++);
    try {
      await user.act('showBackendStatus', place);
      assert.doesNotMatch(await shown(), /Noted here/);
      assert.equal(told, 1);
      const labels = (await targets.offered()).map(({ label }) => label);
      assert.ok(labels.includes('AWS · eu-west-1'), labels.join());
    } finally {
      listening.dispose();
    }
  });

  it('is shown also where it cannot be noted, and says so', async () => {
    await writeFile(notes, 'no folder');
    await user.act('showBackendStatus', place);
    const text = await shown();
    assert.match(text, /Noted here +no: What was deployed cannot be noted on this machine: E/);
    assert.match(text, /So far +about \$0\.00 for 0 calls/);
  });
});
