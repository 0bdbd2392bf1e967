import assert from 'node:assert/strict';
import {
  attached,
  counting,
  endEnvironments,
  ends,
  lines,
  numbered,
} from '../../support/target/deployed-run.ts';
import { deployedTarget, SIGNING, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { content, failure, outputOf, request, run, submit, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { startedRun } from '../behaviour/started-run.ts';

describe('a run on AWS Lambda whose store', () => {
  const target = targetOf((context) => deployedTarget(context, { runnerSeconds: 50, leaseSeconds: 3 }));
  const on = (): DeployedTestTarget => target();
  afterEach(() => {
    // It has learned what the clock was.
    endEnvironments(on(), on().control);
    on().s3.onRequest = undefined;
    on().s3.clockOffset = 0;
    on().secrets.secret = { ...on().secrets.secret, signing: SIGNING };
  });

  for (const minutes of [-10, 10]) {
    it(`has a clock that is ${String(minutes)} minutes off: nobody takes its runner for lost, or for alive`, async () => {
      on().s3.clockOffset = minutes * 60_000;
      const ready = request(on(), 'bash', counting(60));
      const followed = submit(on(), ready);
      await eventually(() => on().s3.objects.has(`runs/${ready.runId}/1/000002`));
      const other = await attached(on(), ready.runId);
      assert.equal(succeeded(other).stdout, lines(60));
      assert.deepEqual((await followed).events, other.events);
      const dying = await startedRun(on(), 'bash', 'echo first; sleep 60');
      endEnvironments(on(), on().runner);
      assert.equal(failure(await attached(on(), dying.runId)), 'interrupted');
      await dying.rest;
    });
  }

  it('does not take its addresses any more: others are asked for', async () => {
    /** The first address of each name, which is never taken. */
    const refused = new Map<string, string>();
    on().s3.onRequest = ({ method, key, url }) => {
      if (method !== 'PUT' || !/\/1\/(\d{6}|lease)$/.test(key)) return undefined;
      if (!refused.has(key)) refused.set(key, url);
      const code = key.endsWith('lease') ? 'AccessDenied' : 'ExpiredToken';
      return refused.get(key) === url ? { status: 403, code } : undefined;
    };
    const done = succeeded(await run(on(), 'bash', `${counting(30)}; echo x > made`));
    assert.equal(done.stdout, lines(30));
    assert(refused.size > 3, String(refused.size));
    assert.deepEqual((await attached(on(), done.runId)).events, done.events);
  });

  it('is closed to it in the middle, its token over: it is stopped, and has one end for all', async () => {
    const started = await startedRun(on(), 'bash', counting(400));
    await eventually(() => on().s3.objects.has(`runs/${started.runId}/1/000002`));
    // Control forgets the old key, and so the token; the store takes no address of before.
    on().secrets.secret = { ...on().secrets.secret, signing: SIGNING.replace('made-up', 'another') };
    endEnvironments(on(), on().control);
    on().s3.onRequest = ({ method, key }) =>
      method === 'PUT' && key.startsWith(`runs/${started.runId}/1/`)
        ? { status: 403, code: 'AccessDenied' }
        : undefined;
    // Once the runner has given up, control may write its fence.
    await eventually(() => on().endpoint.logs(on().runner).includes('does not know this run any more'));
    on().s3.onRequest = undefined;
    const all = await attached(on(), started.runId);
    assert.equal(failure(all), 'interrupted');
    assert.equal((await started.rest).at(-1)?.type, 'failed');
  });

  it('is emptied in the middle: it says so, and nobody waits', async () => {
    const started = await startedRun(on(), 'bash', counting(30));
    on().s3.objects.clear();
    const events = [...started.events, ...(await started.rest)];
    assert.equal(events.at(-1)?.type, 'completed');
    assert.equal(outputOf(events, 'stdout').toString(), lines(30));
    await assert.rejects(attached(on(), started.runId), { code: 'unknown-run', fix: /offload runs/ });
    await assert.rejects(on().client().cancel(started.runId), { code: 'unknown-run' });
    const next = succeeded(await run(on(), 'bash', 'echo x > made'));
    on().s3.objects.clear();
    await assert.rejects(content(on(), next, 'made'), { code: 'unknown-run' });
    const cut = await startedRun(on(), 'bash', 'echo first; sleep 60');
    on().s3.objects.clear();
    endEnvironments(on(), on().runner);
    await assert.rejects(cut.rest, { code: 'unknown-run' });
    assert.deepEqual(await on().sandbox.runs(), []);
  });

  it('is deleted in the middle: nothing that was not stored counts as done, and who asks is told', async () => {
    const started = await startedRun(on(), 'bash', counting(10));
    await eventually(() => on().s3.objects.has(`runs/${started.runId}/1/000002`));
    on().s3.onRequest = () => ({ status: 404, code: 'NoSuchBucket' });
    await assert.rejects(started.rest, { code: 'no-backend' });
    await eventually(() => on().endpoint.logs(on().runner).includes('The bucket of the backend is gone'));
  });

  it('has taken a segment when its runner is killed before it hears of it: that counts', async () => {
    let killed = false;
    on().s3.onRequest = ({ method, key }) => {
      if (method === 'PUT' && key.endsWith('/1/000003') && !killed) {
        killed = true;
        endEnvironments(on(), on().runner);
      }
      return undefined;
    };
    const started = await startedRun(on(), 'bash', counting(400));
    assert.deepEqual(ends([...started.events, ...(await started.rest)]), ['failed']);
    assert(killed);
    const all = await attached(on(), started.runId);
    assert.equal(failure(all), 'interrupted');
    numbered(all.events);
    assert(on().s3.objects.has(`runs/${started.runId}/1/000003`));
    const kept = on().s3.objects.get(`runs/${started.runId}/1/000003`)?.bytes.toString() ?? '';
    const last = kept.trimEnd().split('\n').at(-1) ?? '';
    const { seq } = JSON.parse(last) as { seq: number };
    assert.equal(all.events.at(-1)?.seq, seq + 1);
  });
});

describe('two runs of one workspace', () => {
  const target = targetOf((context) => deployedTarget(context));

  it('have environments of their own, and each is followed and ended by itself', async () => {
    const on = target();
    // Containers have numbers of their own for processes.
    const text = 'printf "%s\\n%s\\n" "$PPID $(readlink /proc/self/ns/pid)" "$PWD"; sleep 60';
    const [one, two] = await Promise.all([startedRun(on, 'bash', text), startedRun(on, 'bash', text)]);
    const [ofOne, ofTwo] = [one, two].map(({ events }) => outputOf(events, 'stdout').toString().split('\n'));
    assert.notEqual(ofOne?.[0], ofTwo?.[0]);
    assert.notEqual(ofOne?.[1], ofTwo?.[1]);
    assert.equal((await on.client().cancel(two.runId)).type, 'cancelled');
    assert.equal((await two.rest).at(-1)?.type, 'cancelled');
    const listed = (await on.sandbox.runs()).map(({ runId, state }) => [runId, state]);
    assert.deepEqual(new Map(listed as [string, string][]).get(one.runId), 'running');
    assert.equal((await on.client().cancel(one.runId)).type, 'cancelled');
    assert.equal((await one.rest).at(-1)?.type, 'cancelled');
    for (const each of [one, two])
      assert.deepEqual((await attached(on, each.runId)).events, [...each.events, ...(await each.rest)]);
  });
});
