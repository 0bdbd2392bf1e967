import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDeployment } from '../../../src/core/deploy/deployment.ts';
import { deploymentAt, isOffered, openTarget } from '../../../src/core/targets/open-target.ts';
import {
  LOCAL,
  targetById,
  targetId,
  targetLabel,
  targetOf,
  type Target,
} from '../../../src/core/targets/target.ts';
import { tenantOf } from '../../../src/core/targets/tenant.ts';
import { MADE_UP_DEPLOYMENT as deployment } from '../../support/aws/deployment.ts';

describe('a target', () => {
  const far: Target = { ...targetOf(deployment), region: 'ap-southeast-2', stack: 'team' };

  it('has an id by which it is found again, and a label', () => {
    for (const target of [LOCAL, { kind: 'container' } as const, targetOf(deployment), far]) {
      assert.deepEqual(targetById(targetId(target)), target);
    }
    assert.deepEqual([LOCAL, targetOf(deployment), far].map(targetLabel), [
      'This computer',
      'AWS · eu-west-1',
      'AWS · ap-southeast-2 · team',
    ]);
  });

  it('is not found by what is no id of one', () => {
    const ids = [
      '',
      'moon',
      'lambda',
      'lambda/1/eu-west-1/offload',
      'lambda/123456789012/eu-west-1/../x',
      'local/x/y/z/a',
    ];
    assert.deepEqual(
      ids.map(targetById),
      ids.map(() => undefined),
    );
  });

  it('is opened where this build can', async () => {
    assert.deepEqual([isOffered('local'), isOffered('lambda')], [true, true]);
    const options = { backendFolder: '/nowhere', state: '/nowhere', tenant: '0' };
    await assert.rejects(openTarget(far, options), {
      code: 'no-backend',
      message: /The backend team on AWS · ap-southeast-2 · team \(account 123456789012\) is not known/,
    });
  });

  it('is the deployment of its own account, region and stack', async () => {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    try {
      await writeDeployment(state, deployment);
      await writeDeployment(state, { ...deployment, account: '999999999999', deployedAt: 2 });
      assert.deepEqual(await deploymentAt(state, targetOf(deployment)), deployment);
    } finally {
      rmSync(state, { recursive: true });
    }
  });
});

describe('the tenant of a workspace', () => {
  it('is the same by whichever path, and another for another', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tenant-')));
    const link = `${folder}-link`;
    const [state, another] = [join(folder, 'state'), join(folder, 'another')];
    symlinkSync(folder, link);
    try {
      assert.equal(tenantOf(link, state), tenantOf(folder, state));
      assert.notEqual(tenantOf(folder, state), tenantOf(join(folder, 'not-there'), state));
      assert.match(tenantOf(folder, state), /^[0-9a-f]{32}$/);
      assert.notEqual(tenantOf(folder, state), tenantOf(folder, another), 'another machine is the same one');
      assert.equal(statSync(join(state, 'tenant-key')).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(state), ['tenant-key']);
      const file = join(state, 'tenant-key');
      assert.throws(() => tenantOf(folder, file), {
        code: 'no-backend',
        message: /tenant-key cannot be kept/,
      });
    } finally {
      rmSync(link);
      rmSync(folder, { recursive: true });
    }
  });
});
