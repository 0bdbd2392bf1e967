import assert from 'node:assert/strict';
import { readDeployments } from '../../../src/core/deploy/deployment.ts';
import { destroy as destroyEvents } from '../../../src/core/deploy/destroy.ts';
import type { StepEvent } from '../../../src/core/deploy/steps.ts';
import { AT_ONCE, withAccount } from '../../support/aws/deploying.ts';

describe('destroying a backend', () => {
  const account = withAccount();

  it('removes all of it, the contents of the bucket too', async () => {
    const { aws, deploy, destroy, state } = account();
    await deploy();
    const [bucket] = [...aws.s3.buckets.values()];
    aws.s3.pageSize = 7;
    const object = { body: Buffer.from('x'), etag: '"x"', time: new Date() };
    for (let i = 0; i < 40; i++) bucket?.objects.set(`runs/${String(i)}/journal & <more>`, object);
    await destroy();
    assert.equal(aws.cloudformation.stack('offload'), undefined);
    assert.deepEqual([aws.s3.buckets.size, aws.ecr.repositories.size, aws.logs.groups.size], [0, 0, 0]);
    assert.deepEqual(
      [aws.secrets.texts.size, aws.functions.deployed.size, aws.codebuild.projects.size],
      [0, 0, 0],
    );
    assert.deepEqual(await readDeployments(state), []);
  });

  it('empties the bucket again where a run wrote to it meanwhile', async () => {
    const { aws, deploy, destroy } = account();
    await deploy();
    const [bucket] = [...aws.s3.buckets.values()];
    aws.account.before('cloudformation:DeleteStack', () => {
      bucket?.objects.set('runs/late', { body: Buffer.from('x'), etag: '"x"', time: new Date() });
    });
    await destroy();
    assert.equal(aws.s3.buckets.size, 0);
  });

  it('says what could not be removed and why', async () => {
    const { aws, deploy, destroy, state } = account();
    await deploy();
    aws.account.fail('remove:Repository', { code: 'x', message: 'The repository is locked' });
    await assert.rejects(destroy(), {
      code: 'deploy-failed',
      message: 'Repository (AWS::ECR::Repository) could not be removed: The repository is locked.',
    });
    assert.equal((await readDeployments(state)).length, 1);
    await destroy();
    assert.equal(aws.ecr.repositories.size, 0);
  });

  it('tries those objects again that could not be removed at once, as long as others can', async () => {
    const { aws, deploy, destroy } = account();
    await deploy();
    const [bucket] = [...aws.s3.buckets.values()];
    const object = { body: Buffer.from('x'), etag: '"x"', time: new Date() };
    for (const key of ['runs/1', 'runs/2']) bucket?.objects.set(key, object);
    aws.s3.refused.set('runs/1', { Code: 'SlowDown', Message: 'Please reduce your request rate.' });
    await destroy();
    assert.equal(aws.s3.buckets.size, 0);
  });

  for (const [Code, code, fix] of [
    ['AccessDenied', 'no-permission', /offload policy deploy/],
    ['InternalError', 'deploy-failed', /Try again/],
  ] as const) {
    it(`ends where S3 says ${Code} of all that is left`, async () => {
      const { aws, deploy, destroy } = account();
      await deploy();
      const [bucket] = [...aws.s3.buckets.values()];
      const [key] = bucket?.objects.keys() ?? [];
      assert(key !== undefined);
      aws.s3.refused.set(key, { Code, Message: 'no', times: 9 });
      const events: StepEvent[] = [];
      const { clients: clients, state } = account();
      const told = destroyEvents({ aws: clients, stack: 'offload', typed: 'offload', state, pace: AT_ONCE });
      await assert.rejects(
        (async () => {
          for await (const event of told) events.push(event);
        })(),
        { code, fix },
      );
      assert.equal(events.at(-1)?.state, 'failed');
      aws.s3.refused.clear();
      await destroy();
    });
  }

  it('tells in its step in words what AWS refuses', async () => {
    const { aws, clients, deploy, state } = account();
    await deploy();
    aws.account.policy = { Version: '2012-10-17', Statement: [] };
    const events: StepEvent[] = [];
    await assert.rejects(
      (async () => {
        const input = { aws: clients, stack: 'offload', typed: 'offload', state, pace: AT_ONCE };
        for await (const event of destroyEvents(input)) events.push(event);
      })(),
      { code: 'no-permission' },
    );
    assert.match(
      events.at(-1)?.detail ?? '',
      /^These AWS credentials may not do cloudformation:DescribeStacks/,
    );
  });

  it('does nothing without the name', async () => {
    const { aws, deploy, destroy } = account();
    await deploy();
    aws.account.calls.length = 0;
    await assert.rejects(destroy('offlaod'), { code: 'bad-request' });
    assert.deepEqual(aws.account.operations, []);
  });

  it('removes nothing by the credentials of another account than the one that is meant', async () => {
    const { aws, clients, deploy, state } = account();
    await deploy();
    aws.account.calls.length = 0;
    const input = { aws: clients, stack: 'offload', typed: 'offload', state, account: '210987654321' };
    await assert.rejects(
      async () => {
        for await (const step of destroyEvents(input)) assert.notEqual(step.id, 'remove');
      },
      { code: 'no-credentials', message: /are of AWS account 123456789012/ },
    );
    assert.deepEqual(aws.account.operations, ['sts:GetCallerIdentity']);
  });

  it('is done where there is nothing, and where the bucket is gone already', async () => {
    const { aws, deploy, destroy } = account();
    await destroy();
    await deploy();
    aws.account.fail('s3:ListObjectVersions', { code: 'NoSuchBucket', message: 'gone', status: 404 });
    aws.s3.buckets.forEach(({ objects }) => objects.clear());
    await destroy();
    assert.equal(aws.cloudformation.stack('offload'), undefined);
    await deploy();
    aws.account.fail('s3:DeleteObjects', { code: 'NoSuchBucket', message: 'gone', status: 404 });
    aws.account.before('s3:DeleteObjects', () => aws.s3.buckets.forEach(({ objects }) => objects.clear()));
    await destroy();
  });
});
