import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { addressesFor, firstWants } from '../../../backend/src/control/addresses.ts';
import { issueToken } from '../../../backend/src/control/run-token.ts';
import { runnerPlace } from '../../../backend/src/runner/run-app.ts';
import { runGranted } from '../../../backend/src/runner/run-granted.ts';
import { S3Store } from '../../../backend/src/store/s3-store.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { startS3Server } from '../../support/store/s3-server.ts';
import { deployedTarget, SIGNING } from '../../support/target/deployed-target.ts';
import { shortFolder } from '../../support/target/local-target.ts';
import { request, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

describe('a deployed backend whose runner is in a VPC', () => {
  const target = targetOf((context) => deployedTarget(context, { controlEnv: { OFFLOAD_NETWORK: 'vpc' } }));

  it('says so, promises no closed network, and runs where control is reached', async () => {
    const { network, isolation } = target().capabilities;
    assert.deepEqual(network, ['open']);
    assert.match(isolation.detail, /routes of the runner's VPC/);
    assert.equal(succeeded(await run(target(), 'bash', 'echo here')).stdout, 'here\n');
    const closed = target().sandbox.submit({ ...request(target(), 'bash', 'true'), network: 'closed' });
    await assert.rejects(closed[Symbol.asyncIterator]().next(), { code: 'not-supported' });
  });

  it('ends a run in words where its subnets have no way to control', async () => {
    const { s3, endpoint } = target();
    const server = await startS3Server({ credentials: s3.credentials });
    const folder = shortFolder();
    try {
      const store = new S3Store({
        bucket: server.bucket,
        owner: server.owner,
        client: {
          endpoint: server.endpoint,
          region: endpoint.region,
          credentials: server.credentials,
          forcePathStyle: true,
        },
      });
      const claims = {
        run: newRunId(),
        tenant: 'own',
        epoch: 1,
        expires: Date.now() + 60_000,
        access: undefined,
      };
      const grant = {
        type: 'grant' as const,
        runId: claims.run,
        tenant: claims.tenant,
        epoch: 1,
        // Nobody listens there.
        url: 'http://127.0.0.1:1',
        token: issueToken(SIGNING, claims),
        vpc: true,
        leaseSeconds: 20,
        addresses: await addressesFor(store, claims, firstWants(claims)),
      };
      const answer = new PassThrough();
      const ready = { ...request(target(), 'bash', 'true'), runId: claims.run };
      const done = runGranted(runnerPlace(folder), { grant, request: ready }, answer, {
        getRemainingTimeInMillis: () => 60_000,
      });
      const told = Buffer.concat(await answer.toArray()).toString();
      await done;
      assert.match(told, /"type":"failed".*cannot reach control from the subnets/);
      assert.match(told, /NAT gateway/);
      const kept = [...server.objects.values()].map(({ bytes }) => bytes.toString()).join('');
      assert.match(kept, /"type":"failed".*cannot reach control/);
    } finally {
      await server.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
