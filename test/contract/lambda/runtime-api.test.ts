import assert from 'node:assert/strict';
import { RuntimeApi } from '../../../src/core/lambda-local/runtime-api.ts';
import type { FunctionError, Outcome } from '../../../src/core/lambda-local/invocation.ts';

const invocation = { requestId: 'r-1', payload: Buffer.from('{"a":1}'), functionArn: 'arn:f' };

describe('the Runtime API', () => {
  let api: RuntimeApi;
  let base: string;
  let ready: (() => void) | undefined;
  let initErrors: FunctionError[];
  let received: string;

  beforeEach(async () => {
    initErrors = [];
    received = '';
    api = await RuntimeApi.start();
    api.serve({
      onReady: () => ready?.(),
      onInitError: (error) => initErrors.push(error),
      explainBreak: () => Promise.resolve({ type: 'Broken', body: '{}' }),
    });
    base = `http://${api.address}/2018-06-01/runtime`;
  });

  afterEach(() => api.stop());

  const sink = {
    write: (piece: Uint8Array): Promise<boolean> => {
      received += Buffer.from(piece).toString();
      return Promise.resolve(true);
    },
  };

  /** Asks for an event, and resolves with the request under way when the API has noticed. */
  async function ask(): Promise<{ answer: Promise<Response> }> {
    const noticed = new Promise<void>((resolve) => (ready = resolve));
    const answer = fetch(`${base}/invocation/next`);
    await noticed;
    return { answer };
  }

  /** Gives the event to a runtime that asks for it. */
  async function give(): Promise<{ outcome: Promise<Outcome> }> {
    const { answer } = await ask();
    const outcome = api.deliver(invocation, 1234, sink);
    const response = await answer;
    assert.equal(response.headers.get('lambda-runtime-aws-request-id'), 'r-1');
    assert.equal(response.headers.get('lambda-runtime-deadline-ms'), '1234');
    assert.equal(await response.text(), '{"a":1}');
    return { outcome };
  }

  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${base}/${path}`, { method: 'POST', body });

  it('gives an event and takes its response, once', async () => {
    const { outcome } = await give();
    assert.equal((await post('invocation/r-2/response', 'x')).status, 400);
    assert.equal((await post('invocation/r-1/response', 'the answer')).status, 202);
    assert.deepEqual(await outcome, { kind: 'complete' });
    assert.equal((await post('invocation/r-1/response', 'again')).status, 400);
    assert.equal(received, 'the answer');
  });

  it('takes a response that comes after the question for the next event', async () => {
    const { outcome } = await give();
    const next = ask();
    // Answered after the question that was sent before it, on another connection.
    await post('nowhere', '');
    assert.equal((await post('invocation/r-1/response', 'late')).status, 202);
    assert.deepEqual(await outcome, { kind: 'complete' });
    await next;
  });

  it('refuses another event to a runtime that does not answer', async () => {
    await give();
    const refusal = await fetch(`${base}/invocation/next`);
    assert.equal(refusal.status, 403);
    assert.match(await refusal.text(), /InvalidStateTransition/);
  });

  it('takes errors, of an invocation and of loading the function', async () => {
    const { outcome } = await give();
    const body = '{"errorType":"E","errorMessage":"m"}';
    await post('invocation/r-1/error', body);
    assert.deepEqual(await outcome, { kind: 'error', error: { type: 'Unhandled', body } });
    await post('init/error', body);
    assert.deepEqual(initErrors, [{ type: 'Runtime.Unknown', body }]);
  });
});
