import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployedSandbox } from '../../../src/core/lambda/lambda-sandbox.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';
import { attached } from '../../support/target/deployed-run.ts';
import { deployedTarget, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { outcome, request, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

/** Passes connections on to a server, and counts them. */
async function countingDoor(
  endpoint: string,
): Promise<{ endpoint: string; count: number; close: () => void }> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer((socket) => {
    door.count++;
    const behind = connect(Number(port), hostname);
    socket.pipe(behind).pipe(socket);
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const)
      one.on('error', () => undefined).once('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const door = { endpoint: own, count: 0, close: () => void server.close() };
  return door;
}

describe('the beginning of a run on AWS Lambda', () => {
  const target = targetOf((context) => deployedTarget(context));
  const on = (): DeployedTestTarget => target();
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'offload-first-'))));
  afterEach(() => {
    on().s3.onRequest = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  /** Holds the writes of names that match until they are let go. */
  function hold(pattern: RegExp): { held: string[]; letGo: () => void } {
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const held: string[] = [];
    on().s3.onRequest = async ({ method, key }) => {
      if (method !== 'PUT' || !pattern.test(key)) return undefined;
      held.push(key);
      await gone;
      return undefined;
    };
    return { held, letGo };
  }

  it('is told before the run is the runner’s; no more is told, and no program started, until it is', async () => {
    const mark = join(folder, 'started');
    const ready = request(on(), 'bash', `touch ${mark}; echo hello`);
    const { held, letGo } = hold(new RegExp(`${ready.runId}/1/000001$`));
    const events: RunEvent[] = [];
    const following = (async () => {
      for await (const event of on().sandbox.submit(ready)) events.push(event);
    })();
    await eventually(() => events.length > 0 && held.length > 0);
    // All that could come meanwhile has: another run goes from its beginning to its end.
    succeeded(
      await outcome(
        'other',
        on()
          .client('other')
          .submit(request(on(), 'bash', 'true')),
      ).catch((error: unknown) => assert.fail(String(error))),
    );
    assert.deepEqual(
      events.map(({ type, seq }) => ({ type, seq })),
      [{ type: 'phase', seq: 1 }],
    );
    assert(!existsSync(mark));
    letGo();
    await following;
    assert(existsSync(mark));
    const kept = await attached(on(), ready.runId);
    assert.deepEqual(events, succeeded(kept).events);
  });

  it('waits neither for the list of runs nor for what has it noted there', async () => {
    const { held, letGo } = hold(/^runs\/index\//);
    const done = on().sandbox.submit(request(on(), 'bash', 'echo hello'));
    let said = '';
    for await (const event of done) if (event.type === 'output') said += event.text ?? '';
    assert.equal(said, 'hello\n');
    assert.equal(held.length > 0, true);
    letGo();
  });

  it('goes by the connections of the run before', async () => {
    const door = await countingDoor(on().endpoint.endpoint);
    const { region, credentials } = on().endpoint;
    const sandbox = deployedSandbox({
      controlFunction: on().control,
      runnerFunction: on().runner,
      tenant: 'by-the-door',
      region,
      endpoint: door.endpoint,
      credentials,
      maxAttempts: 1,
    });
    const ends = (name: string): number => on().endpoint.logs(name).split('END RequestId').length;
    try {
      for (let round = 0; round < 6; round++) {
        const before = ends(on().runner);
        succeeded(await run({ ...on(), sandbox }, 'bash', 'echo hello'));
        await eventually(() => ends(on().runner) > before);
      }
      // Two at once, and one more where the end of an answer was still on its way; 12 where none is used again.
      assert(door.count <= 4, String(door.count));
    } finally {
      sandbox.dispose();
      door.close();
    }
  });
});
