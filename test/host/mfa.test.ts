import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { readDeployments, writeDeployment } from '../../src/core/deploy/deployment.ts';
import { localFolders } from '../../src/core/local/folders.ts';
import { LOCAL, targetId, targetOf } from '../../src/core/targets/target.ts';
import { CHOSEN_TARGET } from '../../src/editor/target/chosen-target.ts';
import { MFA_CODE } from '../support/aws/sts.ts';
import './support/backend.ts';
import { AwsUser } from './support/aws-user.ts';
import { until, write } from './support/workspace.ts';

const MFA = `[profile mfa]
role_arn = arn:aws:iam::123456789012:role/dev
source_profile = work
mfa_serial = arn:aws:iam::123456789012:mfa/phone
region = eu-west-1
`;

describe('a backend whose credentials need the code of a device', () => {
  const { state } = localFolders();
  let user: AwsUser;

  beforeEach(async () => {
    user = await AwsUser.begin();
    user.agree();
    await user.act('deployBackend');
    await appendFile(process.env['AWS_CONFIG_FILE'] ?? '', MFA);
    const [deployment] = await readDeployments(state);
    assert.ok(deployment);
    await writeDeployment(state, { ...deployment, profile: 'mfa' });
    // As a window finds it that begins: nothing was asked of it yet.
    await user.offload.memory.update(CHOSEN_TARGET, targetId(targetOf(deployment)));
    user.dialogs.inputs.length = 0;
  });
  afterEach(async () => {
    await user.offload.targets.choose(LOCAL);
    await user.end();
  });

  it('is not asked for again by a run where none is given, and that is said', async () => {
    await user.act('runFile', await write('away.py', 'print("never")'));
    const said = await until(
      'the error',
      () => user.dialogs.withText('No code of the multi-factor device')[0],
    );
    assert.match(said.message, /type the code that the device shows/);
    assert.equal(user.dialogs.inputs.length, 1);
  });

  it('has the doctor ask for it once', async () => {
    user.dialogs.type('The code that the device', MFA_CODE);
    await user.act('doctor');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /✓ AWS · \S+: credentials +arn:\S+, profile mfa/);
    assert.match(text, /✓ AWS · \S+: control /);
    assert.equal(user.dialogs.inputs.length, 1);
  });
});
