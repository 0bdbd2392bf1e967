import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bandwidth } from '../../support/lambda/bandwidth.ts';
import { invoke, lambdaClient, openStream, readToEnd, stream } from '../../support/lambda/client.ts';
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts';
import { bufferedResponseLimit, requestLimit } from '../../../src/core/lambda-local/limits.ts';
import { awsThrottle, streamLimit } from '../../support/lambda/limits.ts';
import { fixture, withLambda } from '../../support/lambda/suite.ts';

const mebibyte = 1024 * 1024;
const end = { end: null };

describe("Lambda's limits", () => {
  const lambda = withLambda({
    functions: {
      steps: { bundle: fixture('steps'), timeoutSeconds: 25 },
      single: { bundle: fixture('steps'), timeoutSeconds: 25, concurrency: 1 },
      pair: { bundle: fixture('steps'), timeoutSeconds: 25, concurrency: 2 },
      plain: { bundle: fixture('plain'), timeoutSeconds: 25 },
    },
    throttle: false,
  });

  it('take a request of 6 MB and refuse one of a byte more', async () => {
    const padding = requestLimit - JSON.stringify({ padding: '' }).length;
    const { text, error } = await invoke(lambda.client, 'plain', { padding: 'x'.repeat(padding) });
    assert.equal(error, undefined);
    assert.equal((JSON.parse(text) as { event: number }).event, padding);
    const tooLarge = {
      name: 'RequestEntityTooLargeException',
      message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    };
    const event = { padding: 'x'.repeat(padding + 1) };
    await assert.rejects(invoke(lambda.client, 'plain', event), tooLarge);
    await assert.rejects(stream(lambda.client, 'plain', event), tooLarge);
  });

  it('take a whole response of 6 MB and 100 bytes and refuse one of a byte more', async () => {
    const { text, error } = await invoke(lambda.client, 'plain', { answerLength: bufferedResponseLimit });
    assert.equal(error, undefined);
    assert.equal(text.length, bufferedResponseLimit);
    const larger = await invoke(lambda.client, 'plain', { answerLength: bufferedResponseLimit + 1 });
    assert.equal(larger.error, 'Unhandled');
    assert.deepEqual(JSON.parse(larger.text), {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    const streamed = await stream(lambda.client, 'plain', { answerLength: bufferedResponseLimit + 1 });
    assert.equal(streamed.bytes.length, bufferedResponseLimit + 1);
    assert.equal(streamed.complete?.ErrorCode, undefined);
  });

  it('cut a streamed response at 200 MB', async () => {
    const steps = [{ bytes: { count: streamLimit + 1 } }, end];
    const events = await openStream(lambda.client, 'steps', { steps });
    let size = 0;
    let complete;
    for (let next = await events.next(); !next.done; next = await events.next()) {
      size += next.value.PayloadChunk?.Payload?.length ?? 0;
      complete ??= next.value.InvokeComplete;
    }
    assert.equal(size, 200 * mebibyte);
    assert.equal(complete?.ErrorCode, 'Function.ResponseSizeTooLarge');
  });

  it('hold a streamed response back once its burst is used up', async () => {
    const slow = await startLambdaEndpoint({
      functions: { steps: { bundle: fixture('steps'), timeoutSeconds: 3 } },
      throttle: { burstBytes: mebibyte, bytesPerSecond: 1 },
    });
    const slowClient = lambdaClient(slow);
    try {
      const steps = [{ bytes: { count: 4 * mebibyte } }, end];
      const { bytes, complete } = await stream(slowClient, 'steps', { steps });
      assert.ok(bytes.length <= mebibyte && bytes.length > mebibyte - 64 * 1024 * 2, String(bytes.length));
      assert.equal(complete?.ErrorCode, 'Sandbox.Timeout');
    } finally {
      slowClient.destroy();
      await slow.dispose();
    }
  });

  it('let one environment take one invocation at a time, and refuse what is too much', async () => {
    const gate = path.join(lambda.folder, 'refused');
    const first = await openStream(lambda.client, 'single', {
      steps: [{ write: 'in' }, { await: gate }, end],
    });
    await first.next();
    const refusal = {
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    };
    await assert.rejects(stream(lambda.client, 'single', { steps: [end] }), refusal);
    await assert.rejects(invoke(lambda.client, 'single', { steps: [end] }), refusal);
    writeFileSync(gate, '');
    await readToEnd(first);
    const after = await stream(lambda.client, 'single', { steps: [{ write: 'after' }, end] });
    assert.equal(after.bytes.toString(), 'after');
  });

  it('let as many run at once as the function may', async () => {
    const gates = [path.join(lambda.folder, 'one'), path.join(lambda.folder, 'two')] as const;
    // Each lets the other go on: one after the other, they would wait for ever.
    const both = await Promise.all([
      stream(lambda.client, 'pair', {
        steps: [{ touch: gates[0] }, { await: gates[1] }, { write: '1' }, end],
      }),
      stream(lambda.client, 'pair', {
        steps: [{ touch: gates[1] }, { await: gates[0] }, { write: '2' }, end],
      }),
    ]);
    assert.deepEqual(
      both.map(({ bytes }) => bytes.toString()),
      ['1', '2'],
    );
    assert.equal(lambda.endpoint.processes('pair').length, 2);
  });

  it('are no reason to buffer: a reader that stands still stops the function', async () => {
    const note = path.join(lambda.folder, 'taken');
    const count = 160 * mebibyte;
    const events = await openStream(lambda.client, 'steps', { steps: [{ bytes: { count, note } }, end] });
    const first = await events.next();
    const taken = await standstill(note);
    assert.ok(taken < 48 * mebibyte, `the function wrote ${taken} bytes that nobody had read`);
    const { bytes, complete } = await readToEnd(events);
    assert.equal(bytes.length + (first.value?.PayloadChunk?.Payload?.length ?? 0), count);
    assert.equal(complete?.ErrorCode, undefined);
  });

  it('let a function go on that a reader who stood still has left', async () => {
    const note = path.join(lambda.folder, 'taken-before-it-left');
    const count = 64 * mebibyte;
    const leaving = new AbortController();
    const events = await openStream(
      lambda.client,
      'steps',
      { steps: [{ bytes: { count, note } }, end] },
      leaving.signal,
    );
    await events.next();
    assert.ok((await standstill(note)) < count, 'the function waits');
    leaving.abort();
    while (Number(readFileSync(note, 'utf8')) < count) await sleep(10);
  });
});

describe("the speed of Lambda's streams", () => {
  it('is 6 MB at once, then 2 MB a second', async () => {
    let now = 0;
    const waits: number[] = [];
    const clock = {
      now: () => now,
      sleep: (ms: number) => {
        waits.push(ms);
        now += ms;
        return Promise.resolve();
      },
    };
    const bandwidth = new Bandwidth(awsThrottle, clock);
    await bandwidth.take(6 * mebibyte);
    assert.deepEqual(waits, [], 'the burst does not wait');
    for (let i = 0; i < 8; i += 1) await bandwidth.take(mebibyte / 2);
    assert.equal(now, 2000, '4 MB take 2 seconds');
    now += 60_000;
    await bandwidth.take(6 * mebibyte);
    assert.equal(now, 62_000, 'after a pause there is a burst again');
    await bandwidth.take(2 * mebibyte);
    assert.equal(now, 63_000, 'and no more than one');
  });
});

/** The number in a file, once it has stayed the same for a second: time for it to grow if nothing holds it. */
async function standstill(file: string): Promise<number> {
  let number = 0;
  for (let quiet = 0; quiet < 20; quiet += 1) {
    await sleep(50);
    const now = Number(readFileSync(file, 'utf8') || number);
    if (now !== number) quiet = 0;
    number = now;
  }
  return number;
}
