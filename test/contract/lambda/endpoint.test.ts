import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  invoke,
  lambdaClient,
  nextText,
  openStream,
  readToEnd,
  stream,
} from '../../support/lambda/client.ts';
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts';
import type { LambdaEndpoint } from '../../support/lambda/types.ts';
import { fixture, withLambda } from '../../support/lambda/suite.ts';

/** What the plain function answers with. */
interface Seen {
  readonly event: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
  readonly arn: string;
  readonly clientContext: unknown;
  readonly memory: string;
  readonly remaining: number;
}

const seenBy = (text: string): Seen => JSON.parse(text) as Seen;

describe('the Lambda endpoint', () => {
  const lambda = withLambda({
    functions: {
      steps: { bundle: fixture('steps'), timeoutSeconds: 20 },
      plain: { bundle: fixture('plain'), memoryMb: 512, env: { COLOUR: 'blue' }, timeoutSeconds: 20 },
    },
    throttle: false,
  });

  it('streams each write as it is made', async () => {
    const gate = path.join(lambda.folder, 'read-the-first');
    const events = await openStream(lambda.client, 'steps', {
      steps: [{ write: 'first' }, { await: gate }, { write: 'second' }, { end: null }],
    });
    assert.equal(await nextText(events), 'first');
    // The function writes on only now: an endpoint that kept the first piece back would wait for ever.
    writeFileSync(gate, '');
    const { bytes, complete } = await readToEnd(events);
    assert.equal(bytes.toString(), 'second');
    assert.deepEqual(Object.keys(complete ?? {}), ['LogResult']);
  });

  it('answers Invoke with the whole response', async () => {
    const answer = await invoke(lambda.client, 'plain', { greeting: 'grüezi' });
    assert.equal(answer.error, undefined);
    assert.deepEqual(seenBy(answer.text).event, { greeting: 'grüezi' });
    const streamed = await invoke(lambda.client, 'steps', {
      steps: [{ write: 'a' }, { write: 'b' }, { end: null }],
    });
    assert.deepEqual(streamed, { text: 'ab', error: undefined });
    const response = await lambda.client.send(new InvokeCommand({ FunctionName: 'plain' }));
    assert.deepEqual(seenBy(Buffer.from(response.Payload ?? []).toString()).event, {});
  });

  it('takes the response of a function that does not stream as a stream', async () => {
    const { bytes, complete } = await stream(lambda.client, 'plain', { a: 1 });
    assert.deepEqual(seenBy(bytes.toString()).event, { a: 1 });
    assert.equal(complete?.ErrorCode, undefined);
    assert.notEqual(complete, undefined);
  });

  it('gives the function the environment of Lambda and nothing of the machine', async () => {
    process.env['OF_THIS_MACHINE'] = 'secret';
    const name = `${lambda.endpoint.region}:123456789012:function:plain`;
    const command = new InvokeCommand({
      FunctionName: `arn:aws:lambda:${name}`,
      Qualifier: '$LATEST',
      ClientContext: Buffer.from('{"custom":\n"ü"}').toString('base64'),
    });
    const fresh = await startLambdaEndpoint({
      functions: { plain: { bundle: fixture('plain'), memoryMb: 512, env: { COLOUR: 'blue' } } },
    });
    const freshClient = lambdaClient(fresh);
    try {
      const { Payload, ExecutedVersion, $metadata } = await freshClient.send(command);
      const seen = seenBy(Buffer.from(Payload ?? []).toString());
      assert.equal(ExecutedVersion, '$LATEST');
      assert.equal(seen.requestId, $metadata.requestId);
      assert.equal(seen.arn, `arn:aws:lambda:${name}`);
      assert.deepEqual(seen.clientContext, { custom: 'ü' });
      assert.equal(seen.memory, '512');
      assert.ok(seen.remaining > 0 && seen.remaining <= 3000);
      assert.equal(seen.environment['OF_THIS_MACHINE'], undefined);
      assert.equal(seen.environment['HOME'], undefined);
      assert.equal(seen.environment['COLOUR'], 'blue');
      assert.equal(seen.environment['_HANDLER'], 'plain.handler');
      assert.equal(seen.environment['LAMBDA_TASK_ROOT'], path.dirname(fixture('plain')));
    } finally {
      delete process.env['OF_THIS_MACHINE'];
      freshClient.destroy();
      await fresh.dispose();
    }
  });

  it('keeps an environment for the next invocation', async () => {
    const pid = { steps: [{ pid: null }, { end: null }] };
    const first = await stream(lambda.client, 'steps', pid);
    const second = await stream(lambda.client, 'steps', pid);
    assert.equal(first.bytes.toString(), second.bytes.toString());
    assert.ok(lambda.endpoint.processes('steps').includes(Number(first.bytes.toString())));
  });

  it('streams 20 MB intact', async () => {
    const count = 20 * 1024 * 1024;
    const { bytes, complete } = await stream(lambda.client, 'steps', {
      steps: [{ bytes: { count } }, { end: null }],
    });
    const sent = Buffer.alloc(count);
    for (let i = 0; i < count; i += 4) sent.writeUInt32LE(i, i);
    assert.equal(
      createHash('sha256').update(bytes).digest('hex'),
      createHash('sha256').update(sent).digest('hex'),
    );
    assert.notEqual(complete, undefined);
    assert.equal(complete?.ErrorCode, undefined);
  });

  it('logs what the function prints, and gives the end of it on request', async () => {
    const { complete } = await stream(lambda.client, 'steps', {
      steps: [{ log: 'a line for the log' }, { end: null }],
    });
    assert.match(Buffer.from(complete?.LogResult ?? '', 'base64').toString(), /INFO\ta line for the log\n/);
    assert.match(lambda.endpoint.logs('steps'), /INFO\ta line for the log\n/);
    assert.throws(() => lambda.endpoint.logs('nobody'), /no function nobody; there is steps, plain/);
  });

  it('refuses a function that it does not have', async () => {
    const missing = {
      name: 'ResourceNotFoundException',
      message: /Function not found: arn:aws:lambda:.*:nobody/,
    };
    await assert.rejects(stream(lambda.client, 'nobody', {}), missing);
    await assert.rejects(invoke(lambda.client, 'nobody', {}), missing);
    await assert.rejects(invoke(lambda.client, 'plain:7', {}), { name: 'ResourceNotFoundException' });
  });

  it('refuses a payload that is not JSON, and what it does not emulate', async () => {
    const send = (input: { Payload: string; InvocationType?: 'DryRun' | 'Event' }): Promise<unknown> =>
      lambda.client.send(new InvokeCommand({ FunctionName: 'plain', ...input }));
    await assert.rejects(send({ Payload: '{"open":' }), {
      name: 'InvalidRequestContentException',
      $fault: 'client',
    });
    await assert.rejects(send({ Payload: '{}', InvocationType: 'DryRun' }), {
      name: 'InvalidParameterValueException',
    });
    await assert.rejects(send({ Payload: '{}', InvocationType: 'Event' }), { name: 'AccessDeniedException' });
  });

  it('refuses a bundle that is not there', async () => {
    const start = (bundle: string): Promise<LambdaEndpoint> =>
      startLambdaEndpoint({ functions: { f: { bundle } } });
    await assert.rejects(
      start('/nowhere/handler.mjs'),
      /the bundle of f does not exist: \/nowhere\/handler.mjs/,
    );
    await assert.rejects(start('handler.mjs'), /the bundle of f is not an absolute path: handler.mjs/);
  });
});
