import assert from 'node:assert/strict';
import { join } from 'node:path';
import { chosenDeployment, readDeployments, writeDeployment } from '../../../src/core/deploy/deployment.ts';
import { noteDeployment } from '../../../src/core/deploy/note-deployment.ts';
import { backendStatus, type BackendStatus } from '../../../src/core/deploy/status.ts';
import { withAccount } from '../../support/aws/deploying.ts';
import { policyFile } from '../../support/aws/policy-file.ts';

describe('a backend that another machine deployed', () => {
  const account = withAccount();

  /** Looked at by whoever may run there, and no more. */
  async function looked(): Promise<BackendStatus> {
    const { aws, clients, source } = account();
    aws.account.policy = policyFile('use');
    return backendStatus({ aws: clients, stack: 'offload', source: await source() });
  }

  it('is noted where it is looked at, as where it was deployed', async () => {
    const { deploy, state } = account();
    const { deployment } = await deploy();
    const another = join(state, 'another');
    const noted = await noteDeployment(another, await looked(), 'mine');
    assert(noted !== undefined);
    const { deployedAt: _, ...facts } = deployment;
    assert.deepEqual({ ...noted, deployedAt: 0 }, { ...facts, profile: 'mine', deployedAt: 0 });
    assert.deepEqual(await readDeployments(another), [noted]);
    // The next look changes nothing, by whichever profile; nor one where it was deployed.
    assert.equal(await noteDeployment(another, await looked(), 'other'), undefined);
    assert.equal(await noteDeployment(state, await looked(), undefined), undefined);
    // Another build of it is another one, for the same profile.
    await writeDeployment(another, { ...noted, backendHash: '0'.repeat(64) });
    assert.equal((await noteDeployment(another, await looked(), 'other'))?.profile, 'mine');
  });

  it('is no later for being looked at than it is, so that runs do not go there unasked', async () => {
    const { deploy, state, clients, source } = account();
    const first = Date.now();
    await deploy({ stack: 'theirs' }, { state: join(state, 'another') });
    const { deployment } = await deploy();
    const look = async () =>
      noteDeployment(
        state,
        await backendStatus({ aws: clients, stack: 'theirs', source: await source() }),
        undefined,
      );
    const noted = await look();
    assert(noted !== undefined && noted.deployedAt >= first && noted.deployedAt < deployment.deployedAt);
    assert.deepEqual(await chosenDeployment(state), deployment);
    // It changes with the backend: what it can do is asked again then.
    await deploy({ stack: 'theirs', memory: 512 }, { state: join(state, 'another') });
    const later = await look();
    assert(later !== undefined && later.deployedAt > noted.deployedAt);
  });

  it('is not noted before it takes runs', async () => {
    const { state, deploy } = account();
    assert.equal(await noteDeployment(state, await looked(), undefined), undefined);
    account().aws.account.policy = undefined;
    await deploy();
    const status = await looked();
    for (const condition of ['busy', 'dead', 'stuck'] as const)
      assert.equal(await noteDeployment(join(state, 'x'), { ...status, condition }, undefined), undefined);
    assert.deepEqual(await readDeployments(join(state, 'x')), []);
  });
});
