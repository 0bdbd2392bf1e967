import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Moto } from '../../support/aws/moto.ts';
import { deployedTarget, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { content, request, submit, succeeded } from '../../support/target/run.ts';
import { describeTarget } from '../behaviour/describe-target.ts';
import { startedRun } from '../behaviour/started-run.ts';

// What is too much there is refused, and tried again by the client.
describeTarget('AWS Lambda, deployed', (context) => deployedTarget(context, { runnerSeconds: 900 }), {
  queues: false,
});

describe('AWS Lambda, deployed with a store that is not ours', () => {
  let s3: Moto | undefined;
  let target: DeployedTestTarget | undefined;
  before(async function () {
    s3 = await Moto.start(this);
    target = await deployedTarget(this, { bucket: s3 });
  });
  after(async () => {
    await target?.dispose();
    await s3?.dispose();
  });

  it('runs once, is followed, listed and cancelled, and brings files there and back', async () => {
    assert(target !== undefined);
    const bytes = randomBytes(6 * 1024 * 1024);
    const file = { path: 'large', mode: 0o644, content: { base64: bytes.toString('base64') } };
    const ready = request(target, 'bash', 'echo $RANDOM; cp large again; echo x > small', { files: [file] });
    const [first, second] = await Promise.all([submit(target, ready), submit(target, ready)]);
    assert.deepEqual(succeeded(first).events, second.events);
    assert((await content(target, first, 'again')).equals(bytes));
    assert.equal((await content(target, first, 'small')).toString(), 'x\n');
    const going = await startedRun(target, 'bash', 'echo first; sleep 60');
    assert.equal((await target.client().cancel(going.runId)).type, 'cancelled');
    const states = (await target.sandbox.runs()).map(({ runId, state }) => [runId, state]);
    assert.deepEqual(states, [
      [going.runId, 'cancelled'],
      [ready.runId, 'completed'],
    ]);
  });
});
