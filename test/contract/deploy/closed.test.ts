import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeDeployment } from '../../../src/core/deploy/deployment.ts';
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
    for (const options of [{ subnets: ['subnet-0a'] }, { securityGroups: ['sg-0a'] }]) {
      const half = { code: 'bad-setting', message: /need (subnets|security groups), too/ };
      await assert.rejects(planDeploy(await input(options)), half);
      await assert.rejects(deploy(options), half);
    }
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
    for (const options of [{ network: 'open' }, { network: 'open', subnets: [] }]) {
      const { changes } = await planDeploy(await input(options));
      assert.deepEqual(changes.sort(), [
        'set RunNetwork to open',
        'set VpcSecurityGroups to none',
        'set VpcSubnets to none',
      ]);
    }
    const elsewhere = { network: 'open', subnets: ['subnet-0b'] };
    const { changes } = await planDeploy(await input(elsewhere));
    assert.deepEqual(changes, ['set VpcSubnets to subnet-0b', 'set RunNetwork to open']);
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
    // What was found holds for as long as nothing changes.
    aws.account.calls.length = 0;
    await deploy();
    assert.equal(runs(), 1);
    const writes = /Create|Put|Update|Delete|Start|Execute/;
    assert.deepEqual(
      aws.account.operations.filter((name) => writes.test(name)),
      [],
    );
    await deploy({ memory: 512 });
    assert.equal(runs(), 2);
    // Closed subnets have no way to control, which an open runner has to reach.
    await deploy({ network: 'open' });
    assert.equal(aws.functions.deployed.get('offload-control')?.environment['OFFLOAD_NETWORK'], 'open');
    assert.equal(runs(), 2);
  });

  it('has a run try it again where it was found of another account, or of other subnets', async () => {
    const { deploy, state } = account();
    const runs = runsEnd('completed');
    const { deployment } = await deploy({ ...NETWORK, network: 'closed' });
    const elsewhere = join(state, 'elsewhere');
    await writeDeployment(elsewhere, { ...deployment, account: '999999999999' });
    await deploy({}, { state: elsewhere });
    assert.equal(runs(), 2);
    // By another machine.
    await deploy({ subnets: ['subnet-0b'] }, { state: elsewhere });
    assert.equal(runs(), 3);
    for (let i = 0; i < 2; i++) await deploy();
    assert.equal(runs(), 4, 'once for the new subnets');
  });

  it('fails where the run finds a way out', async () => {
    const { deploy } = account();
    runsEnd('open');
    await assert.rejects(deploy({ ...NETWORK, network: 'closed' }), {
      code: 'no-isolation',
      message: /a made-up host answers/,
    });
    await assert.rejects(deploy(), { code: 'no-isolation' }, 'also where nothing changes');
    runsEnd('cancelled');
    await assert.rejects(deploy(), { code: 'no-isolation', message: /Nobody knows.*cancelled/ });
    runsEnd('completed');
    assert.equal(outcomes((await deploy()).events)['check'], 'done');
  });
});
