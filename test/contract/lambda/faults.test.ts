import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { hasEnded } from '../../../backend/src/isolation/process-tree.ts';
import { ServiceError } from '../../../src/core/lambda-local/service-error.ts';
import { deployedSandbox } from '../../../src/core/lambda/lambda-sandbox.ts';
import { follow } from '../../../src/core/run/follow.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';
import { pidHere } from '../../support/lambda/pid-here.ts';
import type { S3Request } from '../../support/store/s3-server.ts';
import { code } from '../../support/target/code.ts';
import {
  attached,
  counting,
  endEnvironments,
  ends,
  lines,
  numbered,
} from '../../support/target/deployed-run.ts';
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

/** A store that takes the first segment of a run from its runner alone, whose addresses are presigned: more may come late. */
const keptOut = ({ method, key, url }: S3Request) =>
  method === 'PUT' && /\/1\/(?!000001$)\d{6}$/.test(key) && url.includes('X-Amz-Signature=')
    ? { status: 503, code: 'SlowDown' }
    : undefined;

describe('a run on AWS Lambda', () => {
  const target = targetOf((context) => deployedTarget(context, { runnerSeconds: 50, leaseSeconds: 2 }));
  const on = (): DeployedTestTarget => target();
  afterEach(() => {
    on().s3.onRequest = undefined;
    on().endpoint.onCall = undefined;
  });

  it('has one end, the same for all, when its runner dies in the middle', async () => {
    const started = await startedRun(on(), 'bash', 'echo first; sleep 60');
    // Until what was told is also stored.
    await eventually(() => on().s3.objects.has(`runs/${started.runId}/1/000002`));
    endEnvironments(on(), on().runner);
    const [rest, one, two] = await Promise.all([
      started.rest,
      attached(on(), started.runId),
      attached(on(), started.runId),
    ]);
    assert.equal(failure(one), 'interrupted');
    assert.deepEqual(two.events, one.events);
    assert.deepEqual([...started.events, ...rest], one.events);
    numbered(one.events);
    assert.equal(one.stdout, 'first\n');
    const [listed] = await on().sandbox.runs();
    assert.partialDeepStrictEqual(listed, { runId: started.runId, state: 'failed' });
    assert.deepEqual((await attached(on(), started.runId)).events, one.events);
  });

  it('has an end for whoever was told more than was stored when the runner died', async () => {
    on().s3.onRequest = keptOut;
    const started = await startedRun(on(), 'bash', 'echo first; sleep 60');
    endEnvironments(on(), on().runner);
    const events = [...started.events, ...(await started.rest)];
    numbered(events);
    assert.deepEqual(ends(events), ['failed']);
    const all = await attached(on(), started.runId);
    assert.deepEqual(
      all.events.map(({ type }) => type),
      ['phase', 'failed'],
    );
  });

  it('has not ended for anybody before its end is stored', async () => {
    on().s3.onRequest = keptOut;
    const ready = request(on(), 'bash', 'echo first');
    const seen: RunEvent[] = [];
    for await (const event of on().sandbox.submit(ready)) {
      seen.push(event);
      if (event.type !== 'phase' || event.phase !== 'collecting') continue;
      // Time to say that it has ended, had it not to wait.
      await new Promise((resolve) => setTimeout(resolve, 300));
      endEnvironments(on(), on().runner);
    }
    const all = await attached(on(), ready.runId);
    assert.equal(failure(all), 'interrupted');
    assert.deepEqual(ends(seen), ['failed']);
  });

  it('is stopped where another one has taken over its journal', async () => {
    const started = await startedRun(on(), 'bash', 'echo $$; sleep 60');
    const inside = Number(outputOf(started.events, 'stdout').toString());
    const program = pidHere(on().endpoint.processes(on().runner), inside);
    const place = (index: number): string => `runs/${started.runId}/1/${String(index).padStart(6, '0')}`;
    let next = 1;
    while (on().s3.objects.has(place(next))) next++;
    const bytes = Buffer.from('{"writer":"another","fence":2}\n');
    on().s3.objects.set(place(next), { bytes, etag: '"made-up"', modified: Date.now() });
    const all = await attached(on(), started.runId);
    assert.equal(failure(all), 'interrupted');
    assert.equal((await started.rest).at(-1)?.type, 'failed');
    await eventually(() => hasEnded(program));
    assert(!on().s3.objects.has(place(next + 1)));
  });

  it('goes on through cut connections: each event comes once, in order', async () => {
    const started = await startedRun(on(), 'bash', 'for i in $(seq 40); do echo $i; sleep 0.05; done');
    for (let cuts = 0; cuts < 3; cuts++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      on().endpoint.cutConnections();
    }
    const events = [...started.events, ...(await started.rest)];
    numbered(events);
    assert.equal(outputOf(events, 'stdout').toString(), lines(40));
    assert.equal(events.at(-1)?.type, 'completed');
  });

  it('goes on while control dies, and is cancelled through another environment of it', async () => {
    const started = await startedRun(on(), 'bash', 'echo first; sleep 60');
    for (const pid of on().endpoint.processes(on().control)) process.kill(pid, 'SIGKILL');
    assert.equal((await on().client().cancel(started.runId)).type, 'cancelled');
    assert.equal((await started.rest).at(-1)?.type, 'cancelled');
  });

  it('is carried out once when answers of the store are lost', async () => {
    let lost = 0;
    on().s3.onRequest = ({ method }) => (method === 'PUT' && lost++ % 3 === 0 ? 'lost' : undefined);
    const once = succeeded(await run(on(), 'bash', `${counting(30)}; echo x > made`));
    on().s3.onRequest = undefined;
    assert(lost > 3, String(lost));
    assert.equal(once.stdout, lines(30));
    assert.deepEqual((await attached(on(), once.runId)).events, once.events);
    assert.equal((await content(on(), once, 'made')).toString(), 'x\n');
  });

  it('is asked for again where nothing has come of asking', async () => {
    let calls = 0;
    // More often than one call is tried.
    on().endpoint.onCall = () =>
      ++calls <= 4 ? new ServiceError('ServiceException', 500, { Message: 'inside' }) : undefined;
    assert.equal(succeeded(await run(on(), 'bash', 'echo here')).stdout, 'here\n');
    assert(calls > 4, String(calls));
  });

  it('says at once that its runner is not there, or does not start', async () => {
    for (const [code, status, wanted] of [
      ['ResourceNotFoundException', 404, /There is no function/],
      ['ServiceException', 500, /The runner does not start/],
    ] as const) {
      on().endpoint.onCall = (name) =>
        name === on().runner ? new ServiceError(code, status, { Message: 'made up' }) : undefined;
      const events: RunEvent[] = [];
      await assert.rejects(
        async () => {
          const ready = { request: request(on(), 'bash', 'true') };
          for await (const event of follow(on().sandbox, ready)) events.push(event);
        },
        { code: 'no-backend', message: wanted },
      );
      assert.deepEqual(
        events.map(({ seq, type }) => [seq, type]),
        [[1, 'phase']],
      );
    }
  });

  it('is not called in another account than the one that was agreed to', async () => {
    const { endpoint, region, credentials } = on().endpoint;
    const { control: controlFunction, runner: runnerFunction } = on();
    const of = (account: string) =>
      deployedSandbox({
        ...{ account, controlFunction, runnerFunction, region, credentials, endpoint },
        tenant: '0'.repeat(32),
      });
    const [same, other] = [of('123456789012'), of('999999999999')];
    try {
      assert.equal((await same.environment()).capabilities.target, 'lambda');
      await assert.rejects(other.environment(), { code: 'no-permission', message: /999999999999/ });
    } finally {
      same.dispose();
      other.dispose();
    }
  });

  it('outlives a store that is out of order for a while', async () => {
    const started = await startedRun(on(), 'bash', 'echo first; sleep 1; echo second');
    on().s3.onRequest = ({ method }) => (method === 'PUT' ? { status: 503, code: 'SlowDown' } : undefined);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    on().s3.onRequest = undefined;
    assert.equal((await started.rest).at(-1)?.type, 'completed');
    assert.equal((await attached(on(), started.runId)).stdout, 'first\nsecond\n');
  });

  it('fails in words when the bucket is gone, or not ours', async () => {
    on().s3.onRequest = () => ({ status: 404, code: 'NoSuchBucket' });
    await assert.rejects(run(on(), 'bash', 'true'), { code: 'no-backend', fix: /[Dd]eploy/ });
    on().s3.onRequest = () => ({ status: 403, code: 'AccessDenied' });
    await assert.rejects(run(on(), 'bash', 'true'), { code: 'unauthorized' });
  });

  it('has an environment that no other workspace has', async () => {
    // Containers may have the same numbers, each in a space of its own.
    const parent = "import os; print(os.getppid(), os.readlink('/proc/self/ns/pid'))";
    const ofTenant = async (tenant: string): Promise<string> => {
      const ready = request(on(), 'python', parent);
      return succeeded(await outcome(ready.runId, on().client(tenant).submit(ready))).stdout;
    };
    const [one, two, again] = [await ofTenant('one'), await ofTenant('two'), await ofTenant('one')];
    assert.equal(again, one);
    assert.notEqual(two, one);
  });

  it('leaves nothing in its environment for the next one of the workspace', async () => {
    const text = code`
      import os, pathlib
      here = pathlib.Path.cwd()
      (here / 'left').write_text('left')
      # Of the folders around it, the one that each run has a folder of its own in.
      print(os.getppid(), os.readlink('/proc/self/ns/pid'))
      print(*(p.name for p in here.parents[3].iterdir() if p.name.startswith('r_')))
    `;
    // Of a workspace that has no environment yet.
    const sandbox = on().client('leftovers');
    const seen = async (): Promise<{ runId: string; place: string; names: string }> => {
      const { runId, stdout } = succeeded(await run({ ...on(), sandbox }, 'python', text));
      const [place = '', names = ''] = stdout.split('\n');
      return { runId, place, names };
    };
    const one = await seen();
    assert(one.names.includes(one.runId), one.names);
    // An environment takes the next one when it has done with the one before.
    let next = await seen();
    while (next.place !== one.place) next = await seen();
    // As processes all environments have one folder, and those that were killed leave what they had.
    assert(next.names.includes(next.runId) && !next.names.includes(one.runId), next.names);
  });

  it('sees nothing of its role, its token and its addresses', async () => {
    const { stdout } = succeeded(await run(on(), 'bash', 'env'));
    assert.doesNotMatch(stdout, /AWS_|X-Amz|OFFLOAD_(?!RUN_MARK)|token/i);
    const { endpoint, control, runner } = on();
    assert.doesNotMatch(endpoint.logs(control) + endpoint.logs(runner), /X-Amz-Signature/i);
  });

  it('takes ten megabytes of files, and brings ten megabytes back', async () => {
    const bytes = randomBytes(10 * 1024 * 1024);
    const file = { path: 'large', mode: 0o644, content: { base64: bytes.toString('base64') } };
    const text = "open('back', 'wb').write(open('large', 'rb').read()[::-1])";
    const large = succeeded(await run(on(), 'python', text, { files: [file] }));
    assert((await content(on(), large, 'back')).equals(Buffer.from(bytes).reverse()));
  });

  it('has its end, with the cause, where its runner cannot read what it is to do', async () => {
    // Too large to come along, so that the runner reads it from the store, by an address.
    const content = { base64: randomBytes(8 * 1024 * 1024).toString('base64') };
    on().s3.onRequest = ({ method, key, url }) =>
      method === 'GET' && key.endsWith('/request.json') && url.includes('X-Amz-Signature')
        ? { status: 404, code: 'NoSuchKey' }
        : undefined;
    const failed = await run(on(), 'bash', 'true', { files: [{ path: 'large', mode: 0o644, content }] });
    assert.equal(failure(failed), 'unknown-run');
    assert.deepEqual(
      failed.events.map(({ type }) => type),
      ['phase', 'failed'],
    );
    assert.deepEqual((await attached(on(), failed.runId)).events, failed.events);
  });

  it('is the same again for whoever submits it again when it has ended', async () => {
    const ready = request(on(), 'bash', 'echo $RANDOM; echo x > made');
    const first = succeeded(await submit(on(), ready));
    endEnvironments(on(), on().runner);
    assert.deepEqual((await submit(on(), ready)).events, first.events);
    assert.equal((await content(on(), first, 'made')).toString(), 'x\n');
  });
});
