import assert from 'node:assert/strict';
import { planDeploy } from '../../../src/core/deploy/plan.ts';
import { failing, outcomes, withAccount } from '../../support/aws/deploying.ts';

describe('a deploy to a stack that is not as it should be', () => {
  const account = withAccount();

  it('says how a stack is left that cannot go back to what was before', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    aws.account.fail('resource:Runner', { code: 'x', message: 'No image' });
    // It was brought up to date before.
    aws.account.fail('resource:Control', { code: 'x', message: 'No image any more', passes: 1 });
    await failing(deploy({}, { source: await source('second') }), 'deploy-failed');
    assert.equal(aws.cloudformation.stack('offload')?.status, 'UPDATE_ROLLBACK_FAILED');
    await failing(deploy(), 'stack-blocked');
  });

  it('asks before it removes a stack that was not made whole', async () => {
    const { aws, deploy } = account();
    await deploy();
    const stack = aws.cloudformation.stack('offload');
    assert(stack);
    stack.status = 'ROLLBACK_COMPLETE';
    const error = await failing(deploy(), 'stack-blocked');
    assert.match(error.message, /ROLLBACK_COMPLETE/);
    assert.equal(aws.cloudformation.stack('offload'), stack);
    const { deployment } = await deploy({}, { removeDead: true });
    assert.equal(deployment.stack, 'offload');
    assert.equal(stack.status, 'DELETE_COMPLETE');
    assert.notEqual(aws.cloudformation.stack('offload')?.id, stack.id);
  });

  it('says of a stack that was not removed whole that it may hold runs', async () => {
    const { aws, deploy, input } = account();
    await deploy();
    const stack = aws.cloudformation.stack('offload');
    assert(stack);
    stack.status = 'DELETE_FAILED';
    assert.match((await failing(deploy(), 'stack-blocked')).message, /not removed whole.*runs too/);
    const { changes, serves } = await planDeploy(await input());
    assert.equal(serves, false, 'its access to the model goes with it');
    assert.match(changes[0] ?? '', /^remove what is left .* not removed whole.*runs too/);
  });

  for (const status of ['UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED', 'ROLLBACK_FAILED']) {
    it(`does nothing to a stack in ${status}`, async () => {
      const { aws, deploy } = account();
      await deploy();
      const stack = aws.cloudformation.stack('offload');
      assert(stack);
      stack.status = status;
      aws.account.calls.length = 0;
      await failing(deploy(), 'stack-blocked');
      assert.deepEqual(aws.account.operations, ['sts:GetCallerIdentity', 'cloudformation:DescribeStacks']);
    });
  }

  it('does nothing to a stack that Offload did not make', async () => {
    const { aws, deploy, destroy } = account();
    await deploy();
    const stack = aws.cloudformation.stack('offload');
    assert(stack);
    stack.tags = [{ Key: 'offload:stack', Value: 'another' }];
    aws.account.calls.length = 0;
    await failing(deploy({}, { removeDead: true }), 'stack-blocked');
    await failing(destroy(), 'stack-blocked');
    assert.equal(
      aws.account.operations.some((name) => !/Describe|GetCallerIdentity/.test(name)),
      false,
    );
  });

  it('refuses a stack that a newer Offload deployed', async () => {
    const { aws, deploy, input } = account();
    await deploy();
    const stack = aws.cloudformation.stack('offload');
    assert(stack);
    stack.outputs['TemplateVersion'] = '99';
    await failing(deploy(), 'superseded');
    await failing(planDeploy(await input()), 'superseded');
  });

  it('makes a stack anew that was deleted by hand', async () => {
    const { aws, deploy } = account();
    await deploy();
    const stack = aws.cloudformation.stack('offload');
    aws.s3.buckets.forEach(({ objects }) => objects.clear());
    stack?.remove();
    const { events } = await deploy();
    assert.equal(outcomes(events)['base'], 'done');
    assert.notEqual(aws.cloudformation.stack('offload'), stack);
  });
});
