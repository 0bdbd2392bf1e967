import assert from 'node:assert/strict';
import { planDeploy } from '../../../src/core/deploy/plan.ts';
import { outcomes, withAccount, ENVIRONMENT } from '../../support/aws/deploying.ts';
import { ran, type RunEnd } from '../../support/aws/ran.ts';

const NETWORK = { subnets: ['subnet-0a'], securityGroups: ['sg-0a'] };

describe('deploying a backend that is closed to the network', () => {
  const account = withAccount();

  /** Has runs end like this; gives how many there were. */
  function runsEnd(end: RunEnd): () => number {
    let runs = 0;
    account().aws.functions.answer = (payload) => {
      if (!('kind' in payload) || payload.kind !== 'run') return ENVIRONMENT;
      runs++;
      return ran(payload, end);
    };
    return () => runs;
  }

  it('takes subnets and security groups, given now or before, and nothing less', async () => {
    const { deploy, input } = account();
    for (const options of [{}, { subnets: ['subnet-0a'] }, { securityGroups: ['sg-0a'] }]) {
      const closed = { ...options, network: 'closed' };
      const wrong = { code: 'bad-setting', message: /closed to the network needs/ };
      await assert.rejects(planDeploy(await input(closed)), wrong);
      await assert.rejects(deploy(closed), wrong);
    }
    assert.equal(account().aws.cloudformation.stacks.length, 0);
    runsEnd('completed');
    await deploy(NETWORK);
    await deploy({ network: 'closed' });
    await assert.rejects(deploy({ subnets: [] }), { code: 'bad-setting' });
    const { changes } = await planDeploy(await input({ network: 'open', subnets: [] }));
    assert.deepEqual(changes, ['set VpcSubnets to none', 'set RunNetwork to open']);
  });

  it('tells control, and has a run try it', async () => {
    const { aws, deploy } = account();
    const runs = runsEnd('completed');
    await deploy(NETWORK);
    assert.equal(aws.functions.deployed.get('offload-control')?.environment['OFFLOAD_NETWORK'], 'vpc');
    assert.equal(runs(), 0);
    const { events } = await deploy({ network: 'closed' });
    assert.equal(aws.functions.deployed.get('offload-control')?.environment['OFFLOAD_NETWORK'], 'closed');
    assert.equal(runs(), 1);
    assert(
      events.some((event) => event.type === 'step' && event.detail === 'a run found its network closed'),
    );
    await deploy({ network: 'open' });
    assert.equal(aws.functions.deployed.get('offload-control')?.environment['OFFLOAD_NETWORK'], 'vpc');
    assert.equal(runs(), 1);
  });

  it('fails where the run finds a way out', async () => {
    const { deploy } = account();
    runsEnd('open');
    await assert.rejects(deploy({ ...NETWORK, network: 'closed' }), {
      code: 'no-isolation',
      message: /a made-up host answers/,
    });
    runsEnd('completed');
    assert.equal(outcomes((await deploy()).events)['check'], 'done');
  });
});
