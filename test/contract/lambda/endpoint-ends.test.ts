import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  invoke,
  lambdaClient,
  nextText,
  openStream,
  readToEnd,
  reportedError,
  stream,
} from '../../support/lambda/client.ts';
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts';
import { fixture, withLambda } from '../../support/lambda/suite.ts';

const end = { end: null };
const hang = { hang: null };

describe('how a Lambda invocation ends', () => {
  const lambda = withLambda({
    functions: {
      steps: { bundle: fixture('steps'), timeoutSeconds: 20 },
      short: { bundle: fixture('steps'), timeoutSeconds: 2 },
      plain: { bundle: fixture('plain'), timeoutSeconds: 20 },
      failing: { bundle: fixture('fails-to-load') },
      exiting: { bundle: fixture('exits-at-load') },
      misnamed: { bundle: fixture('plain'), handler: 'plain.absent' },
    },
    throttle: false,
  });

  const pid = async (name: string): Promise<number> =>
    Number((await stream(lambda.client, name, { steps: [{ pid: null }, end] })).bytes.toString());

  it('in an error that the function throws before it writes', async () => {
    const before = await pid('steps');
    const { bytes, complete } = await stream(lambda.client, 'steps', { steps: [{ throw: 'no luck' }] });
    assert.equal(bytes.length, 0);
    assert.equal(complete?.ErrorCode, 'Unhandled');
    const details = reportedError(complete.ErrorDetails);
    assert.deepEqual([details.errorType, details.errorMessage], ['RangeError', 'no luck']);
    assert.match(details.trace?.join('\n') ?? '', /steps\.mjs/);
    assert.equal(await pid('steps'), before, 'the environment lives on');
  });

  it('in an error that the function throws after it has written', async () => {
    const { bytes, complete } = await stream(lambda.client, 'steps', {
      steps: [{ write: 'so far' }, { throw: 'no luck' }],
    });
    assert.equal(bytes.toString(), 'so far');
    assert.equal(complete?.ErrorCode, 'Unhandled');
    assert.equal(reportedError(complete.ErrorDetails).errorMessage, 'no luck');
  });

  it('in an error that takes the place of the response, for Invoke', async () => {
    const plain = await invoke(lambda.client, 'plain', { fail: 'no luck' });
    assert.equal(plain.error, 'Unhandled');
    assert.equal(reportedError(plain.text).errorType, 'TypeError');
    const streaming = await invoke(lambda.client, 'steps', {
      steps: [{ write: 'so far' }, { throw: 'no luck' }],
    });
    assert.equal(streaming.error, 'Unhandled');
    assert.equal(reportedError(streaming.text).errorMessage, 'no luck');
    const viaStream = await stream(lambda.client, 'plain', { fail: 'no luck' });
    assert.equal(viaStream.complete?.ErrorCode, 'Unhandled');
    assert.equal(reportedError(viaStream.complete.ErrorDetails).errorMessage, 'no luck');
  });

  it('when its time is over, with everything that it started', async () => {
    const events = await openStream(lambda.client, 'short', { steps: [{ daemon: true }, hang] });
    const daemon = Number(await nextText(events));
    assert.ok(isRunning(daemon));
    const [before] = lambda.endpoint.processes('short');
    const { complete } = await readToEnd(events);
    assert.equal(complete?.ErrorCode, 'Sandbox.Timeout');
    assert.equal(complete.ErrorDetails, undefined);
    await until(() => !isRunning(daemon) && !isRunning(before ?? 0));
    assert.notEqual(await pid('short'), before, 'the next invocation has a fresh process');
    assert.match(lambda.endpoint.logs('short'), /Task timed out after 2.00 seconds/);
  });

  it('when its time is over before it has written', async () => {
    const { complete } = await stream(lambda.client, 'short', { steps: [hang] });
    assert.equal(complete?.ErrorCode, 'Unhandled');
    const details = reportedError(complete.ErrorDetails);
    assert.equal(details.errorType, 'Sandbox.Timedout');
    assert.match(details.errorMessage, /^RequestId: [0-9a-f-]{36} Error: Task timed out after 2.00 seconds$/);
    const buffered = await invoke(lambda.client, 'short', { steps: [{ write: 'so far' }, hang] });
    assert.equal(buffered.error, 'Unhandled');
    assert.equal(reportedError(buffered.text).errorType, 'Sandbox.Timedout');
  });

  for (const [how, step, reason] of [
    ['exits', { exit: 1 }, 'Runtime exited with error: exit status 1'],
    ['exits with 0', { exit: 0 }, 'Runtime exited without providing a reason'],
    ['is killed', { kill: 'SIGKILL' }, 'Runtime exited with error: signal: killed'],
  ] as const) {
    it(`when its process ${how} in mid-stream`, async () => {
      const gate = path.join(lambda.folder, `read-before-it-${how}`);
      const events = await openStream(lambda.client, 'steps', {
        steps: [{ write: 'so far' }, { await: gate }, step],
      });
      assert.equal(await nextText(events), 'so far');
      const [before] = lambda.endpoint.processes('steps');
      writeFileSync(gate, '');
      const { bytes, complete } = await readToEnd(events);
      assert.equal(bytes.length, 0);
      assert.equal(complete?.ErrorCode, 'Runtime.TruncatedResponse');
      assert.ok(lambda.endpoint.logs('steps').includes(reason), 'the log says why');
      assert.notEqual(await pid('steps'), before);
    });

    it(`when its process ${how} before it has written`, async () => {
      const { complete } = await stream(lambda.client, 'steps', { steps: [step] });
      assert.equal(complete?.ErrorCode, 'Unhandled');
      const details = reportedError(complete.ErrorDetails);
      assert.equal(details.errorType, 'Runtime.ExitError');
      assert.ok(details.errorMessage.endsWith(`Error: ${reason}`), details.errorMessage);
      const buffered = await invoke(lambda.client, 'steps', { steps: [step] });
      assert.equal(reportedError(buffered.text).errorType, 'Runtime.ExitError');
    });
  }

  it('with what its process leaves behind when it exits', async () => {
    const gate = path.join(lambda.folder, 'read-before-it-leaves');
    const steps = [{ daemon: false }, { await: gate }, { exit: 1 }];
    const events = await openStream(lambda.client, 'steps', { steps });
    const daemon = Number(await nextText(events));
    assert.ok(isRunning(daemon));
    writeFileSync(gate, '');
    await readToEnd(events);
    await until(() => !isRunning(daemon));
  });

  it('well, when its process exits after it has answered', async () => {
    const gate = path.join(lambda.folder, 'read-all');
    const events = await openStream(lambda.client, 'steps', {
      steps: [{ write: 'all of it' }, end, { await: gate }, { exit: 0 }],
    });
    const { bytes, complete } = await readToEnd(events);
    assert.equal(bytes.toString(), 'all of it');
    assert.deepEqual(Object.keys(complete ?? {}), ['LogResult']);
    writeFileSync(gate, '');
    assert.ok(await pid('steps'));
  });

  it('when the function breaks its own stream off', async () => {
    const gate = path.join(lambda.folder, 'read-before-it-breaks');
    const steps = [{ write: 'so far' }, { await: gate }, { destroy: null }, hang];
    const events = await openStream(lambda.client, 'steps', { steps });
    await events.next();
    writeFileSync(gate, '');
    const { complete } = await readToEnd(events);
    assert.equal(complete?.ErrorCode, 'Runtime.TruncatedResponse');
  });

  it('before it has begun, when the function cannot be loaded', async () => {
    for (const [name, type, message] of [
      ['failing', 'EvalError', /^not today$/],
      ['misnamed', 'Runtime.HandlerNotFound', /plain.absent is undefined or not exported/],
      ['exiting', 'Runtime.ExitError', /Runtime exited with error: exit status 3$/],
    ] as const) {
      const { complete } = await stream(lambda.client, name, {});
      assert.equal(complete?.ErrorCode, 'Unhandled');
      const details = reportedError(complete.ErrorDetails);
      assert.equal(details.errorType, type);
      assert.match(details.errorMessage, message);
      const buffered = await invoke(lambda.client, name, {});
      assert.equal(buffered.error, 'Unhandled');
      assert.equal(reportedError(buffered.text).errorType, type);
    }
  });

  it('by itself, when the caller leaves', async () => {
    const [gate, mark] = [path.join(lambda.folder, 'left'), path.join(lambda.folder, 'went-on')];
    const leaving = new AbortController();
    const note = path.join(lambda.folder, 'written');
    const count = 8 * 1024 * 1024;
    const steps = [{ write: 'hello' }, { await: gate }, { bytes: { count, note } }, end, { touch: mark }];
    const events = await openStream(lambda.client, 'steps', { steps }, leaving.signal);
    await events.next();
    leaving.abort();
    await assert.rejects(readToEnd(events));
    writeFileSync(gate, '');
    await until(() => existsSync(mark));
    assert.equal(Number(readFileSync(note, 'utf8')), count, 'all was written, to nobody');
  });

  it('by itself, when the network fails; the caller gets no InvokeComplete', async () => {
    const [gate, mark] = [path.join(lambda.folder, 'cut'), path.join(lambda.folder, 'went-on-cut')];
    const steps = [{ write: 'hello' }, { await: gate }, end, { touch: mark }];
    const events = await openStream(lambda.client, 'steps', { steps });
    await events.next();
    lambda.endpoint.cutConnections();
    const rest = await readToEnd(events).catch(() => undefined);
    assert.equal(rest?.complete, undefined);
    writeFileSync(gate, '');
    await until(() => existsSync(mark));
  });

  it('with the endpoint, which leaves nothing behind', async () => {
    const own = await startLambdaEndpoint({
      functions: { steps: { bundle: fixture('steps') } },
      throttle: false,
    });
    const ownClient = lambdaClient(own);
    const events = await openStream(ownClient, 'steps', { steps: [{ daemon: true }, hang] });
    const daemon = Number(await nextText(events));
    const [runtime] = own.processes('steps');
    assert.ok(isRunning(daemon) && isRunning(runtime ?? 0));
    await own.dispose();
    await until(() => !isRunning(daemon) && !isRunning(runtime ?? 0));
    await readToEnd(events).catch(() => undefined);
    ownClient.destroy();
  });
});

/** A process that has ended but has not been waited for does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits for something that is to come; the test's own time limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}
