import assert from 'node:assert/strict';
import { treeOf } from '../../../backend/src/isolation/process-tree.ts';
import { refused, tooManyRequests } from '../../../src/core/lambda-local/service-error.ts';
import { code } from '../../support/target/code.ts';
import { attached, counting, endEnvironments, ends, lines } from '../../support/target/deployed-run.ts';
import { deployedTarget, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { failure, request, run, submit, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { startedRun } from '../behaviour/started-run.ts';

describe('a run on AWS Lambda, while', () => {
  const target = targetOf((context) =>
    deployedTarget(context, { runnerSeconds: 50, leaseSeconds: 2, concurrency: 4 }),
  );
  const on = (): DeployedTestTarget => target();
  afterEach(() => {
    on().s3.onRequest = undefined;
    on().endpoint.onCall = undefined;
  });

  it('both of its functions are deployed anew, goes on where it is and is followed through the new ones', async () => {
    const { endpoint, control, runner } = on();
    const started = await startedRun(on(), 'bash', counting(60));
    for (const name of [control, runner]) endpoint.update(name, { OFFLOAD_BUILD: 'another-build' });
    const all = succeeded(await attached(on(), started.runId));
    assert.equal(all.stdout, lines(60));
    assert.deepEqual([...started.events, ...(await started.rest)], all.events);
    assert.equal((await on().client().environment()).build, 'another-build');
    assert.equal(succeeded(await run(on(), 'bash', 'echo new')).stdout, 'new\n');
  });

  it('the login of its user runs out, goes on; whoever has logged in again gets all of it', async () => {
    const { endpoint } = on();
    const started = await startedRun(on(), 'bash', counting(20));
    endpoint.onCall = () =>
      refused('ExpiredTokenException', 'The security token included in the request is expired');
    endpoint.cutConnections();
    await assert.rejects(started.rest, { code: 'login-expired', fix: /[Ll]og in/ });
    endpoint.onCall = undefined;
    assert.equal(succeeded(await attached(on(), started.runId)).stdout, lines(20));
  });

  it('AWS throttles calls, is tried again under the same id', async () => {
    const { endpoint, s3 } = on();
    const refusals = new Map<string, number>();
    endpoint.onCall = (name) => {
      const before = refusals.get(name) ?? 0;
      refusals.set(name, before + 1);
      return before < 2 ? tooManyRequests() : undefined;
    };
    const ready = request(on(), 'bash', 'echo $RANDOM');
    const claims = (): number => [...s3.objects.keys()].filter((key) => key.endsWith('/request.json')).length;
    const before = claims();
    const once = succeeded(await submit(on(), ready));
    assert.equal(claims(), before + 1);
    assert.deepEqual(
      [...refusals.values()].map((count) => count > 2),
      [true, true],
    );
    refusals.clear();
    assert.deepEqual((await attached(on(), ready.runId)).events, once.events);
  });

  it('its runner is ended in the middle of a write that the store does not take, has an end', async () => {
    const { runner, s3 } = on();
    let killed = false;
    s3.onRequest = ({ method, key }) => {
      if (method !== 'PUT' || !key.endsWith('/1/000003') || killed) return undefined;
      endEnvironments(on(), runner);
      killed = true;
      return { status: 503, code: 'SlowDown' };
    };
    const started = await startedRun(on(), 'bash', counting(60));
    const rest = await started.rest;
    assert(killed);
    const all = await attached(on(), started.runId);
    assert.equal(failure(all), 'interrupted');
    assert.deepEqual(ends([...started.events, ...rest]), ['failed']);
    assert(lines(60).startsWith(all.stdout) && all.stdout.length > 0, all.stdout);
  });
});

describe('a run whose backend has lost its secret', () => {
  const target = targetOf((context) => deployedTarget(context));

  it('is refused, and says what brings it back', async () => {
    target().secrets.secret = undefined;
    await assert.rejects(run(target(), 'bash', 'true'), {
      code: 'no-backend',
      message: /secret is gone/,
      fix: /offload destroy/,
    });
  });
});

describe('a run whose backend has a secret that somebody has written by hand', () => {
  const target = targetOf((context) => deployedTarget(context));

  it('is refused, and what was written is in no log', async () => {
    const on = target();
    on.secrets.text = 'sk-made-up-by-hand';
    await assert.rejects(run(on, 'bash', 'true'), { code: 'no-backend', message: /not as it was made/ });
    assert.doesNotMatch(on.endpoint.logs(on.control), /by-hand|sk-made/);
  });
});

describe('a run whose runner hangs', () => {
  const target = targetOf((context) => deployedTarget(context, { runnerSeconds: 6, leaseSeconds: 2 }));

  it('has an end, also for who waits for the runner until Lambda ends it', async () => {
    const { endpoint, runner, s3 } = target();
    const started = await startedRun(target(), 'bash', 'echo first; sleep 60');
    await eventually(() => s3.objects.has(`runs/${started.runId}/1/000002`));
    // In a container the first process is not the runner.
    for (const pid of endpoint.processes(runner).flatMap(treeOf)) process.kill(pid, 'SIGSTOP');
    const all = await attached(target(), started.runId);
    assert.equal(failure(all), 'interrupted');
    assert.equal(all.stdout, 'first\n');
    assert.deepEqual([...started.events, ...(await started.rest)], all.events);
    assert.match(endpoint.logs(runner), /Task timed out/);
  });
});

describe('a run whose answer AWS Lambda slows down', () => {
  // As Lambda does from 6 MB on to 2 MB a second, in small.
  const throttle = { burstBytes: 600 * 1024, bytesPerSecond: 200 * 1024 };
  const target = targetOf((context) => deployedTarget(context, { throttle }));

  it('comes whole, and is done and kept before its reader has it', async () => {
    const text = code`
      for i in range(20_000):
          print('%099d' % i)
    `;
    const ready = request(target(), 'python', text);
    const journal = `runs/${ready.runId}/journal`;
    let bytes = 0;
    let bytesWhenKept = Number.NaN;
    let end = '';
    for await (const event of target().sandbox.submit(ready)) {
      if (event.type === 'output') bytes += event.text?.length ?? 0;
      if (Number.isNaN(bytesWhenKept) && isKept()) bytesWhenKept = bytes;
      end = event.type;
    }
    assert.equal(end, 'completed');
    assert.equal(bytes, 2_000_000);
    assert(bytesWhenKept < bytes, 'its end was not kept before its reader had it');

    /** Whether the store has the run's end: the runner's last segment, or all put together. */
    function isKept(): boolean {
      const { objects } = target().s3;
      if (objects.has(journal)) return true;
      return [...objects].some(
        ([key, { bytes: kept }]) =>
          key.startsWith(`runs/${ready.runId}/1/`) && kept.includes('"type":"completed"'),
      );
    }
  });
});

describe('a run that is asked for by a machine whose clock is wrong', () => {
  const target = targetOf((context) => deployedTarget(context, { clockAhead: 20 * 60_000, maxAttempts: 3 }));

  it('goes through: the SDK takes the time of AWS', async () => {
    assert.equal(succeeded(await run(target(), 'bash', 'echo through')).stdout, 'through\n');
  });
});
