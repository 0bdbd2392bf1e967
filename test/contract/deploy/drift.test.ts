import assert from 'node:assert/strict';
import { findDrift } from '../../../src/core/deploy/drift.ts';
import { AT_ONCE, withAccount } from '../../support/aws/deploying.ts';

describe('a backend that was changed by hand', () => {
  const account = withAccount();

  it('is told by what differs and what is gone', async () => {
    const { aws, clients, deploy } = account();
    const drift = () => findDrift({ aws: clients, stack: 'offload', pace: AT_ONCE });
    await assert.rejects(drift(), { code: 'no-backend' });
    await deploy();
    assert.deepEqual(await drift(), { drifts: [], incomplete: undefined });
    const stack = aws.cloudformation.stack('offload');
    stack?.drifted.set('Runner', ['/MemorySize', '/Timeout']).set('Secret', []);
    assert.deepEqual((await drift()).drifts, [
      { resource: 'Runner', state: 'changed', properties: ['/MemorySize', '/Timeout'] },
      { resource: 'Secret', state: 'deleted', properties: [] },
    ]);
  });

  it('is told as far as the credentials may read, and that they may not read all', async () => {
    const { aws, clients, deploy } = account();
    await deploy();
    const reason = 'Failed to detect drift on resource [Bucket]: Access Denied';
    aws.cloudformation.detectionFailure = { status: 'DETECTION_FAILED', reason };
    aws.cloudformation.stack('offload')?.drifted.set('Runner', ['/Timeout']);
    const { drifts, incomplete } = await findDrift({ aws: clients, stack: 'offload', pace: AT_ONCE });
    assert.equal(drifts.length, 1);
    assert.equal(incomplete, reason);
  });
});
