import assert from 'node:assert/strict';
import { notClosed } from '../../../src/core/deploy/try-network.ts';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { lacksNetworks, NoNetwork } from '../../support/lambda/no-network.ts';
import { skip } from '../../support/reporting/skip.ts';
import type { S3Request } from '../../support/store/s3-server.ts';
import { deployedTarget, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { content, outcome, request, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { taskRequest } from '../../support/task/task-request.ts';

/** A policy of the way to the store: it lets the runner, who comes with addresses, to runs and their files alone. */
const policy = ({ key, url }: S3Request) =>
  url.includes('X-Amz-Signature') && !/^(runs|blobs)\//.test(key)
    ? { status: 403, code: 'AccessDenied' }
    : undefined;

describe('a deployed backend whose runner is closed to the network', () => {
  const network = new NoNetwork();
  before(() => network.open());
  after(() => network.dispose());
  const target = targetOf(async (context) => {
    const lacking = lacksNetworks();
    if (lacking !== undefined) skip(context, lacking);
    const made = await deployedTarget(context, {
      controlEnv: { OFFLOAD_NETWORK: 'closed' },
      runnerStarted: (start, storePort) => network.around(start, () => [storePort]),
    });
    made.s3.onRequest = policy;
    return made;
  });
  const own = (): DeployedTestTarget => target();

  it('says so, and has no tasks', async () => {
    const { network: offered, agents, isolation } = own().capabilities;
    assert.deepEqual([offered, agents], [['closed'], []]);
    assert.match(isolation.detail, /no way out but to the store/);
    const open = own().sandbox.submit({ ...request(own(), 'bash', 'true'), network: 'open' });
    await assert.rejects(open[Symbol.asyncIterator]().next(), { code: 'not-supported' });
  });

  it('runs code there, without a word to control, and keeps all of it', async () => {
    const text =
      'cat /proc/net/dev; printf changed > made.txt; printf "" > empty.txt; cp made.txt same.txt; seq 5000 > big.txt';
    const seen = succeeded(await run(own(), 'bash', text));
    const interfaces = [...seen.stdout.matchAll(/^ *(\w+):/gm)].map(([, name]) => name);
    assert.deepEqual(interfaces, ['lo']);
    const events: RunEvent[] = [];
    for await (const event of own().sandbox.attach(seen.runId, 0)) events.push(event);
    assert.deepEqual(events, seen.events);
    const kept = Object.fromEntries(
      await Promise.all(
        seen.changes.map(async ({ path }) => [path, (await content(own(), seen, path)).toString()] as const),
      ),
    );
    assert.deepEqual(Object.keys(kept).sort(), ['big.txt', 'empty.txt', 'made.txt', 'same.txt']);
    assert.deepEqual([kept['made.txt'], kept['same.txt'], kept['empty.txt']], ['changed', 'changed', '']);
    assert.equal(kept['big.txt']?.length, 23_893);
    assert(own().s3.objects.get(`runs/${seen.runId}/journal`) === undefined);
    const runs = await own().sandbox.runs();
    assert.equal(runs.find(({ runId }) => runId === seen.runId)?.state, 'completed');
    // Control has put it together, being asked.
    assert(own().s3.objects.get(`runs/${seen.runId}/journal`) !== undefined);
  });

  it('keeps all of it where an answer of the store is lost', async () => {
    const lost = new Set<string>();
    own().s3.onRequest = (request) => {
      const { method, key } = request;
      if (method !== 'PUT' || lost.has(key) || !/\/(\d{6}|contents|contents-index)$/.test(key))
        return policy(request);
      lost.add(key);
      return 'lost';
    };
    try {
      const seen = succeeded(await run(own(), 'bash', 'echo here; printf made > made.txt'));
      assert.equal((await content(own(), seen, 'made.txt')).toString(), 'made');
      assert(lost.size >= 4, [...lost].join());
      const events: RunEvent[] = [];
      for await (const event of own().sandbox.attach(seen.runId, 0)) events.push(event);
      assert.deepEqual(events, seen.events);
    } finally {
      own().s3.onRequest = policy;
    }
  });

  it('ends a run by its inbox', async () => {
    const ready = request(own(), 'bash', 'echo begun; sleep 600');
    const events: RunEvent[] = [];
    let cancelled: Promise<RunEvent> | undefined;
    for await (const event of own().sandbox.submit(ready)) {
      events.push(event);
      if (event.type === 'output') cancelled ??= own().sandbox.cancel(ready.runId);
    }
    assert.equal(events.at(-1)?.type, 'cancelled');
    assert.deepEqual(await cancelled, events.at(-1));
  });

  it('refuses a run that may write more than there is room for', async () => {
    const ready = { ...request(own(), 'bash', 'true'), limits: { outputBytes: 65 * 1024 * 1024 } };
    const stream = own().sandbox.submit(ready);
    await assert.rejects(stream[Symbol.asyncIterator]().next(), { code: 'not-supported', message: /64 MB/ });
  });

  /** Has a run fail, and says why. */
  async function refused(): Promise<string> {
    const ready = request(own(), 'bash', 'echo ran > ran.txt; echo ran');
    const { end, stdout, changes } = await outcome(ready.runId, own().client(ready.runId).submit(ready));
    assert.deepEqual([stdout, changes], ['', []]);
    assert(end.type === 'failed');
    assert.equal(end.error.code, 'no-isolation');
    const events: RunEvent[] = [];
    for await (const event of own().sandbox.attach(ready.runId, 0)) events.push(event);
    assert(isTerminal(events.at(-1) ?? { type: '' }));
    return end.error.message;
  }

  it('refuses a run whose way to the store leads elsewhere too', async () => {
    own().s3.onRequest = undefined;
    try {
      assert.match(await refused(), /not closed.*leads to more than runs/);
    } finally {
      own().s3.onRequest = policy;
    }
  });

  it('refuses a run where somebody outside answers', async () => {
    network.answering = [{ host: '1.1.1.1', port: 443 }];
    try {
      assert.match(await refused(), /not closed.*1\.1\.1\.1 port 443 answers/);
    } finally {
      network.answering = [];
    }
  });

  it('refuses a run where names are resolved', async () => {
    network.naming = true;
    try {
      assert.match(await refused(), /not closed.*the name example\.com is resolved/);
    } finally {
      network.naming = false;
    }
  });

  it('has a run tell whether it is closed, for whoever asks how the backend stands', async () => {
    assert.equal(await notClosed(own().client('asked')), undefined);
    own().s3.onRequest = undefined;
    try {
      assert.match((await notClosed(own().client('asked')))?.message ?? '', /leads to more than runs/);
    } finally {
      own().s3.onRequest = policy;
    }
  });

  it('refuses a task in words', async () => {
    const stream = own().sandbox.submit(taskRequest({ prompt: 'made up' }));
    await assert.rejects(stream[Symbol.asyncIterator]().next(), {
      code: 'not-supported',
      message: /does not offer tasks with the agent/,
    });
  });

  it('grants nothing where the probe would prove nothing', async () => {
    own().s3.onRequest = ({ key }) =>
      key.startsWith('probe/') ? { status: 403, code: 'AccessDenied' } : undefined;
    own().endpoint.update(own().control, { OFFLOAD_LEASE_SECONDS: '21' });
    try {
      const stream = own().sandbox.submit(request(own(), 'bash', 'true'));
      await assert.rejects(stream[Symbol.asyncIterator]().next(), { code: 'no-isolation' });
    } finally {
      own().s3.onRequest = policy;
    }
  });
});
