import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readDeployments } from '../../src/core/deploy/deployment.ts';
import { localFolders } from '../../src/core/local/folders.ts';
import './support/backend.ts';
import { AwsUser } from './support/aws-user.ts';
import { setSetting } from './support/task-user.ts';
import { remove, setByWorkspace, until } from './support/workspace.ts';

const text = (scheme: string): string | undefined =>
  vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === scheme)?.getText();

describe('the backend in an AWS account', () => {
  let user: AwsUser;

  beforeEach(async () => {
    user = await AwsUser.begin();
  });

  afterEach(async () => {
    await user.end();
  });

  it('is shown in full before anything is written, and nothing is without a yes', async () => {
    await user.act('deployBackend');
    const [question] = user.dialogs.asked;
    assert.equal(question?.message, 'Deploy the Offload backend to AWS account 123456789012?');
    assert.equal(question.modal, true);
    const detail = question.detail ?? '';
    for (const part of [
      'user/dev (the profile work)',
      'Region: eu-west-1',
      'Stack: offload, a new one',
      'Model of tasks: none',
      '•  make a bucket',
      '•  make two Lambda functions',
      'a month while nothing runs',
    ])
      assert.ok(detail.includes(part), `${part} in\n${detail}`);
    assert.deepEqual(user.writes, []);
    const [profiles, regions] = user.dialogs.picks;
    assert.deepEqual(
      profiles?.items.map(({ label, description }) => `${label}: ${description ?? ''}`),
      [
        '$(account) single: IAM Identity Center (SSO) · eu-west-1',
        '$(account) work: access key · eu-west-1',
        '$(key) Default credentials: what the AWS SDK finds by itself, such as the role of this machine',
      ],
    );
    assert.match(regions?.items[0]?.description ?? '', /Ireland · the profile’s/);
    await user.act('deployBackend');
    assert.match(user.dialogs.picks[3]?.items[0]?.label ?? '', /work/, 'what was chosen last comes first');
  });

  it('is deployed, shown, followed and removed', async () => {
    user.agree();
    await user.act('deployBackend');
    const states = new Set(Object.values(user.steps));
    assert.deepEqual(states, new Set(['done', 'skipped']), JSON.stringify(user.steps));
    assert.equal(user.dialogs.withText('offload in eu-west-1 is deployed').length, 1);
    const [known] = await readDeployments(localFolders().state);
    assert.deepEqual([known?.stack, known?.profile, known?.account], ['offload', 'work', '123456789012']);

    // The same again asks for no yes, and writes nothing.
    const written = user.writes.length;
    user.dialogs.picked = ['work', 'eu-west-1', 'Keep'];
    await user.act('deployBackend');
    assert.equal(user.dialogs.withText('Deploy the Offload backend').length, 1);
    assert.deepEqual(user.writes.slice(written), ['lambda:InvokeWithResponseStream']);
    const { state } = localFolders();
    assert.deepEqual(await readdir(join(state, 'deploying')), [], 'nothing of it is left to go on with');

    user.aws.cloudformation.stack('offload')?.drifted.set('Runner', ['/Timeout']);
    await user.act('showBackendStatus');
    // It is shown at once, and what takes longer comes then.
    const status = await until('all of the status', () => {
      const shown = text('offload-backend');
      return shown?.includes('…') === false ? shown : undefined;
    });
    for (const part of [
      /AWS account +123456789012, by the profile work/,
      /Build +the one of this Offload/,
      /Control +offload-control/,
      /A run +about \$0\.00\d a minute with 2048 MB/,
      /So far +about \$0\.00 for 0 calls/,
      /Runner was changed by hand: \/Timeout/,
    ])
      assert.match(status, part);

    user.aws.logs.write('/offload/offload/runner', 's', 'a line of the runner');
    await user.act('showFunctionLogs');
    await until('the line', () => text('output')?.includes('[runner] a line of the runner'));
    user.aws.logs.write('/offload/offload/control', 's', 'a line of control');
    await until('the next line', () => text('output')?.includes('[control] a line of control'));
    await user.act('stopFunctionLogs');
    await until('the end', () => text('output')?.includes('no longer followed'));

    user.dialogs.picked = ['Destroy', 'offload in eu-west-1'];
    await user.act('destroyBackend');
    assert.ok(user.aws.cloudformation.stack('offload'), 'nothing goes while the name is not typed');
    const asked = user.dialogs.inputs.at(-1);
    assert.match(asked?.prompt ?? '', /from AWS account 123456789012/);
    assert.deepEqual(
      [asked?.check?.('offload') ?? '', asked?.check?.('yes')],
      ['', 'Type offload to remove it.'],
    );
    user.dialogs.type('Destroy Backend', 'offload');
    await user.act('destroyBackend');
    assert.equal(user.aws.cloudformation.stack('offload'), undefined);
    assert.deepEqual(await readDeployments(localFolders().state), []);
    assert.equal(user.dialogs.withText('offload in eu-west-1 is removed').length, 1);
  });

  it('stores the key of the model that is set in Offload, where that is chosen, and shows it nowhere', async () => {
    const key = 'sk-ant-made-up-for-this-test';
    await user.offload.keys.set({ provider: 'anthropic' }, key);
    user.dialogs.picked = ['work', 'eu-west-1', 'Your Anthropic API key'];
    user.agree();
    try {
      await user.act('deployBackend');
      assert.match([...user.aws.secrets.texts.values()].join(), new RegExp(`"ANTHROPIC_API_KEY":"${key}"`));
      const { dialogs, backend } = user;
      const shown = JSON.stringify([dialogs.asked, dialogs.picks, backend.work.view.steps.top]);
      assert.match(shown, /your Anthropic API key, stored in a secret of the account/);
      assert.ok(!shown.includes(key));
    } finally {
      await user.offload.keys.remove({ provider: 'anthropic' });
    }
  });

  it('keeps what is there when it is stopped, takes no second deploy meanwhile, and goes on from there', async () => {
    user.agree();
    user.aws.codebuild.looks = 1_000_000;
    const deploying = user.act('deployBackend');
    await until('the build', () => user.aws.codebuild.builds[0]);
    await user.act('deployBackend');
    assert.equal(user.dialogs.withText('Deploying offload in eu-west-1: that goes on').length, 1);
    await user.act('stopDeploy');
    await deploying;
    assert.equal(user.dialogs.withText('Stopped. What is there of offload in eu-west-1 stays').length, 1);
    assert.equal(user.steps['image'], 'failed');
    assert.equal(user.aws.codebuild.builds[0]?.status, 'STOPPED');
    user.aws.codebuild.looks = 1;
    await user.act('deployBackend');
    assert.deepEqual([user.steps['base'], user.steps['image']], ['skipped', 'done']);
    const again = user.dialogs.picks.find(({ items }) => items[0]?.label.includes('Go on with'));
    assert.equal(again?.items[0]?.description, 'it was stopped');
    const access = user.dialogs.picks.filter(({ title }) => title.includes('the model of tasks'));
    for (const { items } of access)
      assert.ok(!items.some(({ label }) => label.includes('Keep')), 'nothing is there to be kept');
  });

  it('is removed from the account that it is in, and no other', async () => {
    user.agree();
    await user.act('deployBackend');
    const place = { profile: 'work', region: 'eu-west-1', stack: 'offload', account: '210987654321' };
    const written = user.writes.length;
    await user.act('destroyBackend', place);
    const said = await until('the error', () => user.dialogs.withText('is in AWS account 210987654321')[0]);
    assert.ok(said.buttons?.includes('Choose Another Profile'));
    assert.deepEqual(
      [user.dialogs.inputs, user.writes.length],
      [[], written],
      'nothing is asked, nothing done',
    );
  });

  it('has a status whose buttons are of the backend that is shown, not of the settings', async () => {
    user.agree();
    await user.act('deployBackend');
    await setSetting('aws.stack', 'another');
    try {
      await user.act('showBackendStatus');
      const document = await until('all of the status', () =>
        vscode.workspace.textDocuments.find(
          (each) => each.uri.scheme === 'offload-backend' && !each.getText().includes('…'),
        ),
      );
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        20,
      );
      const destroy = lenses.find(({ command }) => command?.title.includes('Destroy'))?.command;
      assert.ok(destroy);
      user.dialogs.type('Destroy Backend', 'offload');
      await user.act('destroyBackend', ...((destroy.arguments ?? []) as unknown[]));
      assert.equal(user.aws.cloudformation.stack('offload'), undefined);
      await until('the end of it', () => document.getText().includes('offload in eu-west-1 was removed'));
    } finally {
      await setSetting('aws.stack', undefined);
    }
  });

  it('offers to log in where the login has run out, and goes on then', async () => {
    user.dialogs.picked = ['single', 'eu-west-1', 'None'];
    user.dialogs.answer('has run out', 'Log In');
    user.dialogs.answer('Log in to AWS as single', 'Open Browser');
    user.agree();
    await user.act('deployBackend');
    await until('the deploy', () => user.dialogs.withText('is deployed')[0]);
    assert.deepEqual(user.opened, ['https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH']);
    const [login] = user.dialogs.withText('Log in to AWS as single');
    assert.match(login?.detail ?? '', /ABCD-EFGH/);
    const [expired] = user.dialogs.withText('has run out');
    assert.match(expired?.message ?? '', /"Offload: Log In to AWS"/, 'it names what there is in the editor');
  });

  it('opens where a limit of the account is raised', async () => {
    user.agree();
    user.dialogs.answer('starts no build', 'Open Service Quotas');
    user.aws.account.fail('codebuild:StartBuild', {
      code: 'AccountLimitExceededException',
      message: 'Cannot have more than 0 builds in queue',
    });
    await user.act('deployBackend');
    await until('the page', () => user.opened[0]);
    assert.deepEqual(user.opened, [
      'https://eu-west-1.console.aws.amazon.com/servicequotas/home/services/codebuild/quotas',
    ]);
    assert.equal(user.steps['image'], 'failed');
    const [failure] = user.dialogs.withText('starts no build');
    assert.deepEqual(failure?.buttons, ['Open Service Quotas', 'Retry', 'Show Log']);
  });

  it('shows what its user has to be allowed', async () => {
    user.agree();
    user.dialogs.answer('may not do', 'Show Policy');
    user.aws.account.policy = {
      Statement: [{ Effect: 'Allow', Action: ['sts:*'], Resource: ['*'] }],
    } as never;
    await user.act('deployBackend');
    const shown = await until('the policy', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'offload-aws-policy'),
    );
    assert.equal(shown.languageId, 'json');
    assert.match(shown.getText(), /"cloudformation:CreateChangeSet"/);
  });

  it('asks for another profile where one gives no credentials', async () => {
    user.dialogs.picked = ['Default credentials', 'eu-west-1', 'None'];
    await user.act('deployBackend');
    const error = await until('the error', () => user.dialogs.withText('There are no AWS credentials')[0]);
    assert.deepEqual(error.buttons, ['Choose Another Profile', 'Retry', 'Show Log']);
  });

  it('removes a stack that was not made whole, which its plan says', async () => {
    user.agree();
    user.aws.account.fail('codebuild:StartBuild', { code: 'ServiceException', message: 'x', times: 99 });
    await user.act('deployBackend');
    user.aws.account.heal();
    const stack = user.aws.cloudformation.stack('offload');
    assert.ok(stack);
    stack.status = 'ROLLBACK_COMPLETE';
    await user.act('deployBackend');
    const plan = user.dialogs.withText('Deploy the Offload backend').at(-1);
    assert.match(plan?.detail ?? '', /remove what is left of a stack that was not made whole/);
    assert.equal(user.dialogs.withText('is deployed').length, 1);
  });

  it('is of no workspace’s choice', async () => {
    await setByWorkspace({
      'offload.aws.stack': 'evil',
      'offload.aws.profile': 'single',
      'offload.aws.memoryMb': 10_240,
    });
    await setSetting('aws.memoryMb', 512);
    try {
      await user.act('deployBackend');
      const { detail = '' } = user.dialogs.asked[0] ?? {};
      assert.match(detail, /Stack: offload, a new one/);
      assert.match(detail, /a run with 512 MB/);
    } finally {
      await remove('.vscode');
      await setSetting('aws.memoryMb', undefined);
    }
  });
});
