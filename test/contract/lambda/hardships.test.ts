import assert from 'node:assert/strict';
import { killTree } from '../../../src/core/kill-tree.ts';
import { refused, tooManyRequests } from '../../../src/core/lambda-local/service-error.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import { code } from '../../support/target/code.ts';
import { deployedTarget, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import {
  content,
  failure,
  outcome,
  outputOf,
  request,
  run,
  submit,
  succeeded,
} from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { startedRun } from '../behaviour/started-run.ts';

const counted = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);
const lines = (length: number): string => `${counted(length).join('\n')}\n`;

describe('a run on AWS Lambda, while', function () {
  this.timeout(60_000);
  const target = targetOf((context) =>
    deployedTarget(context, { runnerSeconds: 50, leaseSeconds: 2, concurrency: 4 }),
  );
  const on = (): DeployedTestTarget => target();
  const attached = (runId: string, after = 0) => outcome(runId, on().client().attach(runId, after));
  afterEach(() => {
    on().s3.onRequest = undefined;
    on().endpoint.onCall = undefined;
  });

  it('both of its functions are deployed anew, goes on where it is and is followed through the new ones', async () => {
    const { endpoint, control, runner } = on();
    const started = await startedRun(on(), 'bash', 'for i in $(seq 60); do echo $i; sleep 0.1; done');
    for (const name of [control, runner]) endpoint.update(name, { OFFLOAD_BUILD: 'another-build' });
    const all = succeeded(await attached(started.runId));
    assert.equal(all.stdout, lines(60));
    assert.deepEqual([...started.events, ...(await started.rest)], all.events);
    assert.equal((await on().client().environment()).build, 'another-build');
    assert.equal(succeeded(await run(on(), 'bash', 'echo new')).stdout, 'new\n');
  });

  it('the login of its user runs out, goes on; whoever has logged in again gets all of it', async () => {
    const { endpoint } = on();
    const started = await startedRun(on(), 'bash', 'for i in $(seq 20); do echo $i; sleep 0.1; done');
    endpoint.onCall = () =>
      refused('ExpiredTokenException', 'The security token included in the request is expired');
    endpoint.cutConnections();
    await assert.rejects(started.rest, { code: 'login-expired', fix: /[Ll]og in/ });
    endpoint.onCall = undefined;
    assert.equal(succeeded(await attached(started.runId)).stdout, lines(20));
  });

  it('what signed its addresses runs out, writes on by new ones', async () => {
    const signedBefore = new Set<string>();
    on().s3.onRequest = ({ method, key, url }) => {
      if (method !== 'PUT' || !/\/1\/00000[34]$/.test(key)) return undefined;
      if (signedBefore.size < 2) signedBefore.add(url);
      return signedBefore.has(url) ? { status: 403, code: 'ExpiredToken' } : undefined;
    };
    const whole = succeeded(
      await run(on(), 'bash', 'for i in $(seq 25); do echo $i; sleep 0.1; done; echo x > made'),
    );
    assert.equal(signedBefore.size, 2);
    assert.equal(whole.stdout, lines(25));
    assert.deepEqual((await attached(whole.runId)).events, whole.events);
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
    assert.deepEqual((await attached(ready.runId)).events, once.events);
  });

  it('another one of its workspace runs, has an environment of its own', async () => {
    const place = code`
      import os, sys, time
      # Containers have numbers of their own for processes.
      print(os.readlink('/proc/self/ns/pid') + str(os.getppid()), os.getcwd(), flush=True)
      time.sleep(2)
    `;
    const [one, two] = await Promise.all([run(on(), 'python', place), run(on(), 'python', place)]);
    const [first, second] = [succeeded(one), succeeded(two)];
    assert.notEqual(first.stdout.split(' ')[0], second.stdout.split(' ')[0]);
    assert.notEqual(first.stdout.split(' ')[1], second.stdout.split(' ')[1]);
    // A third lands in either, and can follow both.
    assert.deepEqual((await attached(first.runId)).events, first.events);
    assert.deepEqual((await attached(second.runId)).events, second.events);
  });

  for (const [when, fault] of [
    ['before', { status: 503, code: 'SlowDown' }],
    ['after', 'lost'],
  ] as const) {
    it(`its runner is ended for want of memory in the middle of a write, ${when} the store has it, has an end`, async () => {
      const { endpoint, runner, s3 } = on();
      let killed = false;
      s3.onRequest = ({ method, key }) => {
        if (method !== 'PUT' || !key.endsWith('/1/000003')) return undefined;
        if (killed) return undefined;
        for (const pid of endpoint.processes(runner)) killTree(pid);
        killed = true;
        return fault;
      };
      const started = await startedRun(on(), 'bash', 'for i in $(seq 60); do echo $i; sleep 0.1; done');
      const rest = await started.rest;
      assert(killed);
      const all = await attached(started.runId);
      assert.equal(failure(all), 'interrupted');
      assert.deepEqual(
        [...started.events, ...rest].filter(isTerminal).map(({ type }) => type),
        ['failed'],
      );
      assert(lines(60).startsWith(all.stdout) && all.stdout.length > 0, all.stdout);
    });
  }

  it('its bucket is emptied, comes to its end for whoever follows it, and the next one runs', async () => {
    const { s3 } = on();
    const started = await startedRun(on(), 'bash', 'for i in $(seq 20); do echo $i; sleep 0.1; done');
    s3.objects.clear();
    const events = [...started.events, ...(await started.rest)];
    assert.equal(events.at(-1)?.type, 'completed');
    assert.equal(outputOf(events, 'stdout').toString(), lines(20));
    await assert.rejects(attached(started.runId), { code: 'unknown-run', fix: /offload runs/ });
    const next = succeeded(await run(on(), 'bash', 'echo x > made'));
    s3.objects.clear();
    await assert.rejects(content(on(), next, 'made'), { code: 'unknown-run' });
    assert.deepEqual(await on().sandbox.runs(), []);
    succeeded(await run(on(), 'bash', 'true'));
  });
});

describe('a run whose backend has lost its secret', function () {
  this.timeout(60_000);
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

describe('a run whose backend has a secret that somebody has written by hand', function () {
  this.timeout(60_000);
  const target = targetOf((context) => deployedTarget(context));

  it('is refused, and what was written is in no log', async () => {
    const on = target();
    on.secrets.text = 'sk-made-up-by-hand';
    await assert.rejects(run(on, 'bash', 'true'), { code: 'no-backend', message: /not as it was made/ });
    assert.doesNotMatch(on.endpoint.logs(on.control), /by-hand|sk-made/);
  });
});

describe('a run whose runner hangs', function () {
  this.timeout(60_000);
  const target = targetOf((context) => deployedTarget(context, { runnerSeconds: 6, leaseSeconds: 2 }));

  it('has an end, also for who waits for the runner until Lambda ends it', async () => {
    const { endpoint, runner, s3 } = target();
    const started = await startedRun(target(), 'bash', 'echo first; sleep 60');
    await eventually(() => s3.objects.has(`runs/${started.runId}/1/000002`));
    for (const pid of endpoint.processes(runner)) process.kill(pid, 'SIGSTOP');
    const all = await outcome(started.runId, target().client().attach(started.runId, 0));
    assert.equal(failure(all), 'interrupted');
    assert.equal(all.stdout, 'first\n');
    assert.deepEqual([...started.events, ...(await started.rest)], all.events);
    assert.match(endpoint.logs(runner), /Task timed out/);
  });
});

describe('a run whose answer AWS Lambda slows down', function () {
  this.timeout(60_000);
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

describe('a run that is asked for by a machine whose clock is wrong', function () {
  this.timeout(60_000);
  const target = targetOf((context) => deployedTarget(context, { clockAhead: 20 * 60_000, maxAttempts: 3 }));

  it('goes through: the SDK takes the time of AWS', async () => {
    assert.equal(succeeded(await run(target(), 'bash', 'echo through')).stdout, 'through\n');
  });
});
