import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chosenDeployment,
  readDeployments,
  removeDeployment,
  writeDeployment,
  type Deployment,
} from '../../../src/core/deploy/deployment.ts';
import { MADE_UP_DEPLOYMENT } from '../../support/aws/deployment.ts';

const deployment = (change: Partial<Deployment> = {}): Deployment => ({
  ...MADE_UP_DEPLOYMENT,
  ...change,
});

describe('the deployments that a machine knows', () => {
  let state: string;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(() => {
    rmSync(state, { recursive: true });
  });

  it('are none at first', async () => {
    assert.deepEqual(await readDeployments(state), []);
    await assert.rejects(chosenDeployment(state), { code: 'no-backend', message: /No backend was deployed/ });
  });

  it('are one for each stack, region and account, the latest first, and the latest is meant by default', async () => {
    const old = deployment({ deployedAt: 1 });
    const other = deployment({ stack: 'other', profile: 'work', deployedAt: 3 });
    const far = deployment({ region: 'us-east-1', deployedAt: 2 });
    for (const each of [old, other, far]) await writeDeployment(state, each);
    assert.deepEqual(await readDeployments(state), [other, far, old]);
    assert.deepEqual(await chosenDeployment(state), other);
    assert.deepEqual(await chosenDeployment(state, { stack: 'offload' }), far);
    assert.deepEqual(await chosenDeployment(state, { region: 'eu-west-1', stack: 'offload' }), old);
    await assert.rejects(chosenDeployment(state, { profile: 'nobody' }), { code: 'no-backend' });
    const again = deployment({ deployedAt: 9 });
    await writeDeployment(state, again);
    assert.deepEqual(await chosenDeployment(state), again);
    await removeDeployment(state, again);
    assert.deepEqual(await readDeployments(state), [other, far]);
  });

  it('are kept for this user alone, and nothing half written beside them', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => writeDeployment(state, deployment({ deployedAt: i }))),
    );
    const folder = join(state, 'deployments');
    assert.deepEqual(readdirSync(folder), ['123456789012.eu-west-1.offload.json']);
    if (process.platform !== 'win32') {
      assert.equal(statSync(folder).mode & 0o077, 0);
      assert.equal(statSync(join(folder, '123456789012.eu-west-1.offload.json')).mode & 0o077, 0);
    }
  });

  it('are passed over where a file is none of ours', async () => {
    await writeDeployment(state, deployment());
    const bad = [
      '',
      '{}',
      'null',
      JSON.stringify(deployment({ region: '../../x' })),
      JSON.stringify(deployment({ controlUrl: 'file:///etc/passwd' })),
    ];
    bad.forEach((text, i) => writeFileSync(join(state, 'deployments', `${String(i)}.json`), text));
    assert.deepEqual(await readDeployments(state), [deployment()]);
    for (const wrong of [deployment({ stack: '../evil' }), deployment({ controlUrl: 'elsewhere' })]) {
      await assert.rejects(writeDeployment(state, wrong), {
        code: 'deploy-failed',
        message: /says of itself what cannot be: (stack|controlUrl)\./,
      });
    }
  });

  it('are read as an Offload of before has written them', async () => {
    await writeDeployment(state, deployment());
    const path = join(state, 'deployments', '123456789012.eu-west-1.offload.json');
    // It did not say of which subnets it was found.
    writeFileSync(path, JSON.stringify({ ...deployment(), closed: true }));
    assert.deepEqual(await readDeployments(state), [deployment()]);
  });
});
