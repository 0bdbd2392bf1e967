import assert from 'node:assert/strict';
import { checkAtStart, startNotice, type StartFinding } from '../../../src/core/deploy/at-start.ts';
import type { Deployment } from '../../../src/core/deploy/deployment.ts';
import { findDrift } from '../../../src/core/deploy/drift.ts';
import { AT_ONCE, withAccount } from '../../support/aws/deploying.ts';

describe('a backend that Offload looks at when it starts', () => {
  const account = withAccount();

  const find = async (deployment: Deployment, text?: string): Promise<StartFinding> =>
    checkAtStart({ aws: account().clients, deployment, source: await account().source(text) });

  it('is the one that was deployed, by one call that the policy "use" allows', async () => {
    const { aws, deploy } = account();
    const { deployment } = await deploy();
    aws.account.calls.length = 0;
    const found = await find(deployment);
    assert.deepEqual(found, { version: 'same', changedByHand: undefined });
    assert.equal(startNotice(deployment, found), undefined);
    assert.deepEqual(aws.account.operations, ['cloudformation:DescribeStacks']);
  });

  it('is of another build, or made by a newer Offload', async () => {
    const { aws, deploy } = account();
    const { deployment } = await deploy();
    const found = await find(deployment, 'second');
    assert.equal(found.version, 'other');
    assert.match(startNotice(deployment, found) ?? '', /another build/);
    const stack = aws.cloudformation.stack('offload');
    assert(stack);
    stack.outputs['TemplateVersion'] = '99';
    const newer = await find(deployment);
    assert.equal(newer.version, 'newer');
    assert.match(startNotice(deployment, newer) ?? '', /newer Offload/);
  });

  it('was changed by hand, as CloudFormation found when it last compared', async () => {
    const { aws, clients, deploy } = account();
    const { deployment } = await deploy();
    aws.cloudformation.stack('offload')?.drifted.set('Runner', ['/Timeout']);
    assert.equal((await find(deployment)).changedByHand, undefined, 'nobody compared yet');
    await findDrift({ aws: clients, stack: 'offload', pace: AT_ONCE });
    const found = await find(deployment);
    assert(found.changedByHand !== undefined && Math.abs(found.changedByHand - Date.now()) < 60_000);
    assert.match(startNotice(deployment, found) ?? '', /no longer as it was deployed/);
  });

  it('is gone, but not because the credentials are those of another account', async () => {
    const { deploy, destroy } = account();
    const { deployment } = await deploy();
    const other = { ...deployment, account: '999999999999' };
    assert.equal((await find(other)).version, 'unknown');
    await destroy();
    assert.equal((await find(other)).version, 'unknown');
    const found = await find(deployment);
    assert.equal(found.version, 'gone');
    assert.match(startNotice(deployment, found) ?? '', /no longer there/);
  });

  it('cannot be looked at, which is said with the policy that it takes', async () => {
    const { aws, deploy } = account();
    const { deployment } = await deploy();
    aws.account.policy = { Version: '2012-10-17', Statement: [] };
    await assert.rejects(find(deployment), { code: 'no-permission', fix: /"offload policy use"/ });
  });
});
