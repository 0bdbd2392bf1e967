import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeployments, removeDeployment, writeDeployment } from '../../../src/core/deploy/deployment.ts';
import { ENVIRONMENT } from '../../support/aws/deploying.ts';
import { ran, type RunEnd } from '../../support/aws/ran.ts';
import { installation } from '../../support/cli/installation.ts';
import { withAws } from '../../support/cli/with-aws.ts';

describe('offload with a backend in AWS', () => {
  const cli = installation();
  const aws = withAws(cli);

  it('says how it stands also where that cannot be noted on this machine', async () => {
    assert.equal((await cli().run(['deploy', '--yes'])).code, 0);
    const folder = join(cli().folder, 's', 'offload', 'deployments');
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    const { code, stdout, stderr } = await cli().run(['status']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /stack {4}offload, UPDATE_COMPLETE\n/);
    assert.match(stderr, /cannot be noted on this machine: .*can be written to, and try again/);
    rmSync(folder);
    const stack = aws().cloudformation.stack('offload');
    assert(stack);
    stack.outputs['ControlUrl'] = 'by hand';
    const changed = await cli().run(['status']);
    assert.match(changed.stdout, /ControlUrl +by hand\n/, changed.stderr);
    assert.match(changed.stderr, /says of itself what cannot be: controlUrl\./);
  });

  it('has a run tell, of a backend that is closed to the network, whether it is', async () => {
    let end: RunEnd = 'completed';
    aws().functions.answer = (payload) =>
      'kind' in payload && payload.kind === 'run' ? ran(payload, end) : ENVIRONMENT;
    const closed = ['--network', 'closed', '--subnet', 'subnet-0a', '--security-group', 'sg-0a'];
    const deployed = await cli().run(['deploy', '--yes', ...closed]);
    assert.equal(deployed.code, 0, deployed.stderr);
    const { code, stdout } = await cli().run(['status']);
    assert.equal(code, 0);
    assert.match(stdout, /^network {2}closed, as a run has found just now$/m);
    end = 'open';
    const open = await cli().run(['status']);
    assert.equal(open.code, 1);
    assert.match(
      open.stdout,
      /^network {2}The runner is not closed to the network: a made-up host answers\. Close it\.$/m,
    );
    const json = JSON.parse((await cli().run(['status', '--json'])).stdout) as {
      network?: { closed: boolean };
    };
    assert.equal(json.network?.closed, false);
    const none = ['--network', 'open', '--subnet', 'none', '--security-group', 'none'];
    for (const left of [none, ['--network', 'open']]) {
      const plan = await cli().run(['deploy', '--plan', ...left]);
      assert.match(plan.stdout, /set VpcSubnets to none\n {2}- set VpcSecurityGroups to none/);
    }
  });

  it('removes nothing, the name typed beforehand, by the credentials of an account that it is not known in', async () => {
    const state = join(cli().folder, 's', 'offload');
    assert.equal((await cli().run(['deploy', '--yes'])).code, 0);
    const [deployment] = await readDeployments(state);
    assert(deployment);
    await removeDeployment(state, deployment);
    const elsewhere = { ...deployment, account: '999999999999' };
    await writeDeployment(state, elsewhere);
    const refused = await cli().run(['destroy', '--confirm', 'offload']);
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(
      refused.stderr,
      /are of AWS account 123456789012, and offload is to be removed from 999999999999/,
    );
    assert(aws().cloudformation.stack('offload'));
    // Known in both accounts, it is removed from the one whose the credentials are.
    await writeDeployment(state, { ...deployment, deployedAt: 1 });
    const removed = await cli().run(['destroy', '--confirm', 'offload']);
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(await readDeployments(state), [elsewhere]);
    // Where none is known, as on a machine that builds, the name is enough.
    await removeDeployment(state, elsewhere);
    assert.equal((await cli().run(['destroy', '--confirm', 'offload'])).code, 0);
  });
});
