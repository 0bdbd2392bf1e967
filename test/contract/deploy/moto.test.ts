import assert from 'node:assert/strict';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { asAwsError } from '../../../src/core/aws/aws-error.ts';
import { AwsClients } from '../../../src/core/aws/clients.ts';
import { awsIdentity } from '../../../src/core/aws/identity.ts';
import { changeStack } from '../../../src/core/deploy/change-set.ts';
import { asDeletedPart } from '../../../src/core/deploy/deleted-part.ts';
import { imageDigest } from '../../../src/core/deploy/image.ts';
import { backendLogs } from '../../../src/core/deploy/logs.ts';
import { policyText } from '../../../src/core/deploy/policies.ts';
import { removeStack } from '../../../src/core/deploy/remove-stack.ts';
import { putAccess } from '../../../src/core/deploy/secret.ts';
import { readStack } from '../../../src/core/deploy/stack.ts';
import { Steps, type Step, type StepEvent } from '../../../src/core/deploy/steps.ts';
import { uploadSource } from '../../../src/core/deploy/upload.ts';
import type { Work } from '../../../src/core/deploy/work.ts';
import { AT_ONCE, setEnvironment } from '../../support/aws/deploying.ts';
import { Moto } from '../../support/aws/moto.ts';
import { MotoAccount } from '../../support/aws/moto-account.ts';

/** A stack of what another CloudFormation knows: its bucket alone. Its outputs stay empty there. */
const BUCKET = 'offload-made-bucket';
const BUCKET_ALONE = JSON.stringify({
  Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } } },
});

/** A policy for every resource: this server does not tell them apart. */
const anywhere = (policy: string): string =>
  JSON.stringify(JSON.parse(policy, (key, value: unknown) => (key === 'Resource' ? '*' : value)));

// A second opinion on what AWS answers: a server of the same services that is not ours.
describe('the calls of a deploy, answered by a server that is not ours', () => {
  let moto: Moto | undefined;
  let restore: () => void = () => undefined;
  let aws: AwsClients;
  let work: Work;
  let account: MotoAccount;
  const told: StepEvent[] = [];

  before(async function () {
    moto = await Moto.start(this);
    account = new MotoAccount(moto.endpoint);
    const putBack = setEnvironment({
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: moto.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: moto.credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
    });
    aws = await AwsClients.open();
    restore = () => {
      aws.dispose();
      putBack();
    };
    const signal = new AbortController().signal;
    work = { aws, account: moto.owner, stack: 'offload', pace: AT_ONCE, signal };
  });
  after(async () => {
    restore();
    await moto?.dispose();
  });

  const step = <T>(body: (step: Step) => Promise<T>): Promise<T> =>
    new Steps((event) => told.push(event)).run('tried', 'Try', body);
  const skipped = (): boolean => told.at(-1)?.state === 'skipped';

  it('know whose account it is', async () => {
    assert.equal((await awsIdentity(aws, work.signal)).account, '123456789012');
  });

  it('make a stack by a change set, fill its bucket, and remove both', async () => {
    assert.equal(await readStack(work, 'offload'), undefined);
    const stack = await step((each) => changeStack(work, each, { template: BUCKET_ALONE, parameters: {} }));
    assert.equal(stack.status, 'CREATE_COMPLETE');

    assert.equal((await readStack(work, 'offload'))?.ours, true);
    const source = {
      hash: 'a'.repeat(64),
      files: new Map([['control.mjs', Buffer.from('x')]]),
      template: BUCKET_ALONE,
      templateVersion: 1,
    };
    await step((each) => uploadSource(work, each, BUCKET, source));
    assert.equal(skipped(), false);
    await step((each) => uploadSource(work, each, BUCKET, source));
    assert.equal(skipped(), true);
    await step((each) => removeStack(work, each, { ...stack, outputs: { Bucket: BUCKET } }));
    assert.equal(await readStack(work, 'offload'), undefined);
    await assert.rejects(
      step((each) => uploadSource(work, each, BUCKET, source)),
      (error) => asDeletedPart(error, 'source', 'offload')?.message.includes('bucket') === true,
    );
  });

  it('tell an image that is not there from a repository that is not', async () => {
    await (await aws.ecr()).send(new CreateRepositoryCommand({ repositoryName: 'made' }));
    assert.equal(await imageDigest(work, 'made', 'tag'), undefined);
    await assert.rejects(
      imageDigest(work, 'other', 'tag'),
      (error) => asDeletedPart(error, 'image', 'offload')?.message.includes('repository') === true,
    );
  });

  it('keep the secret’s key for tokens, write nothing twice, and know it when it was deleted', async () => {
    const client = await aws.secrets();
    const { ARN = '' } = await client.send(
      new CreateSecretCommand({ Name: 'made', SecretString: JSON.stringify({ signing: 'k'.repeat(64) }) }),
    );
    const access = { provider: 'messages', key: 'sk-made-up' } as const;
    await step((each) => putAccess(work, each, ARN, access));
    assert.equal(skipped(), false);
    await step((each) => putAccess(work, each, ARN, access));
    assert.equal(skipped(), true);
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
    assert.deepEqual(JSON.parse(SecretString ?? ''), {
      signing: 'k'.repeat(64),
      ANTHROPIC_API_KEY: 'sk-made-up',
    });
    const gone = (error: unknown): boolean =>
      asDeletedPart(error, 'key', 'offload')?.message.includes('secret') === true;
    await client.send(new DeleteSecretCommand({ SecretId: ARN, RecoveryWindowInDays: 7 }));
    await assert.rejects(
      step((each) => putAccess(work, each, ARN, access)),
      gone,
    );
    await client.send(new DeleteSecretCommand({ SecretId: ARN, ForceDeleteWithoutRecovery: true }));
    await assert.rejects(
      step((each) => putAccess(work, each, ARN, access)),
      gone,
    );
  });

  it('read logs in order', async () => {
    const client = await aws.logs();
    const logGroupName = '/offload/offload/control';
    const since = Date.now() - 60_000;
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    for (const [index, logStreamName] of ['one', 'two'].entries()) {
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
      const logEvents = [1, 2].map((n) => ({
        timestamp: since + n * 1000 + index * 100,
        message: `${logStreamName} ${String(n)}\n`,
      }));
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    }
    const input = { aws, stack: 'offload', since, follow: false, signal: work.signal, pace: AT_ONCE };
    const lines: string[] = [];
    for await (const { text } of backendLogs({ ...input, logs: ['control'] })) lines.push(text);
    assert.deepEqual(lines, ['one 1', 'two 1', 'one 2', 'two 2']);
    await assert.rejects(backendLogs({ ...input, logs: ['runner'] }).next(), {
      code: 'no-backend',
      message: /has no log runner/,
    });
  });

  // The last: from here on policies are enforced.
  it('are those of the documented policies: what a policy lacks is refused by its name', async () => {
    const [use, deploy] = [
      await account.user('user', anywhere(policyText('use', 'offload'))),
      await account.user('deployer', anywhere(policyText('deploy', 'offload'))),
    ];
    await account.enforce();
    const as = async (key: { id: string; secret: string }): Promise<AwsClients> => {
      process.env['AWS_ACCESS_KEY_ID'] = key.id;
      process.env['AWS_SECRET_ACCESS_KEY'] = key.secret;
      return AwsClients.open();
    };
    const user = await as(use);
    assert.equal(await readStack({ aws: user, signal: work.signal }, 'offload'), undefined);
    const made = step((each) =>
      changeStack({ ...work, aws: user }, each, { template: BUCKET_ALONE, parameters: {} }),
    ).catch((error: unknown) => {
      throw asAwsError(error, user);
    });
    await assert.rejects(made, {
      code: 'no-permission',
      message: /may not do cloudformation:CreateChangeSet/,
    });
    user.dispose();
    const deployer = await as(deploy);
    await assert.rejects(imageDigest({ ...work, aws: deployer }, 'offload-other', 'tag'), {
      name: 'RepositoryNotFoundException',
    });
    deployer.dispose();
    const stranger = await as({ ...use, secret: 'made-up-wrong-secret' });
    await assert.rejects(
      awsIdentity(stranger, work.signal).catch((error: unknown) => {
        throw asAwsError(error, stranger);
      }),
      { code: 'no-credentials', message: /secret key/ },
    );
    stranger.dispose();
  });
});
