import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import {
  dropped,
  errorEvent,
  garbage,
  overloaded,
  rateLimited,
  refused,
  serverError,
  status,
  unknownModel,
} from '../../support/messages-api/failure.ts';
import { lastPrompt } from '../../support/messages-api/request.ts';
import { after, say } from '../../support/messages-api/turn.ts';
import { eventually } from '../../support/target/eventually.ts';
import { errorOf, KEY, question, RelayTest, said, send } from './fixture.ts';

describe('a model that does not answer', () => {
  let test: RelayTest;
  beforeEach(() => {
    test = new RelayTest();
  });
  afterEach(() => test.dispose());

  it('does not take the key: the run is told once, with cause and fix', async () => {
    const api = await test.api({ key: 'another', turns: [say('x')] });
    const { socket, refusals } = await test.relay({
      access: { provider: 'messages', baseUrl: api.url, key: KEY },
    });
    for (const _ of [1, 2]) {
      const answer = await send(socket, { body: question() });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['x-should-retry'], 'false');
      assert.deepEqual(errorOf(answer), { type: 'authentication_error', message: 'invalid x-api-key' });
    }
    assert.equal(refusals.length, 1);
    assert.equal(refusals[0]?.code, 'no-access');
    assert.equal(
      refusals[0].message,
      `${new URL(api.url).host} does not give access to the model: invalid x-api-key.`,
    );
    assert.ok(refusals[0].fix);
  });

  for (const failure of [
    unknownModel('claude-sonnet-4-5'),
    status(400, 'The provided model identifier is invalid.'),
    status(400, 'model: claude-sonnet-4-5 is not supported'),
  ]) {
    it(`has no such model: ${JSON.stringify(failure)}`, async () => {
      const { socket, refusals } = await test.pair({ turns: [failure] });
      await send(socket, { body: question() });
      assert.equal(refusals[0]?.code, 'unknown-model');
      assert.match(refusals[0].message, /has no model "claude-sonnet-4-5": /);
    });
  }

  it('finds something else wrong with the request: that is the agent’s to mend', async () => {
    const message = 'messages.1.content: text content blocks must be non-empty';
    const { socket, refusals, retries } = await test.pair({ turns: [status(400, message)] });
    const answer = await send(socket, { body: question() });
    assert.deepEqual([answer.status, errorOf(answer).message], [400, message]);
    assert.deepEqual([refusals, retries], [[], []]);
  });

  it('passes on that it is asked too much, and tells of each retry', async () => {
    const { socket, refusals, retries } = await test.pair({
      turns: [after([rateLimited(7), serverError(), overloaded()], say('at last'))],
    });
    const statuses: number[] = [];
    for (let answer; answer?.status !== 200;) {
      answer = await send(socket, { body: question() });
      statuses.push(answer.status);
      if (answer.status === 429) assert.equal(answer.headers['retry-after'], '7');
    }
    assert.deepEqual(statuses, [429, 500, 529, 200]);
    assert.deepEqual(retries, [
      { attempt: 1, delayMs: 7000, reason: 'rate_limit_error' },
      { attempt: 2, delayMs: 0, reason: 'api_error' },
      { attempt: 3, delayMs: 0, reason: 'overloaded_error' },
    ]);
    assert.deepEqual(refusals, []);
  });

  it('is cut off in mid-stream: so is the answer, and what came counts', async () => {
    const { socket, relay, retries } = await test.pair({
      turns: [after([dropped(5)], say('x'.repeat(200), { usage: { input: 77, output: 1000 } }))],
    });
    const answer = await send(socket, { body: question() });
    assert.deepEqual([answer.status, answer.whole], [200, false]);
    assert.equal(relay.usage.inputTokens, 77);
    assert.equal(relay.usage.outputTokens, Math.ceil(said(answer).length / 3));
    assert.equal(retries.length, 1);
    assert.match(retries[0]?.reason ?? '', /the connection was cut\.$/);
    assert.equal((await send(socket, { body: question() })).whole, true);
  });

  it('ends a stream with an error: it is passed on, and told', async () => {
    const { socket, retries } = await test.pair({ turns: [after([errorEvent(4)], say('x'.repeat(200)))] });
    const answer = await send(socket, { body: question() });
    assert.match(answer.text, /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"/);
    assert.deepEqual(
      retries.map(({ reason }) => reason),
      ['overloaded_error'],
    );
  });

  it('sends what is no event: it is passed on as it is', async () => {
    const { socket, relay } = await test.pair({
      turns: [after([garbage(4)], say('x'.repeat(200), { usage: { input: 5 } }))],
    });
    const answer = await send(socket, { body: question() });
    assert.match(answer.text, /<<<\n\n$/);
    assert.equal(relay.usage.inputTokens, 5);
  });

  it('is asked again a few times where nobody is there, then not', async () => {
    const { socket, retries, refusals } = await test.relay({
      access: {
        provider: 'messages',
        baseUrl: `http://127.0.0.1:${String(await closedPort())}/secret`,
        key: KEY,
      },
    });
    const asked: unknown[] = [];
    for (let count = 0; count < 5; count += 1) {
      const answer = await send(socket, { body: question() });
      asked.push([answer.status, answer.headers['x-should-retry']]);
    }
    assert.deepEqual(asked, [...Array.from({ length: 4 }, () => [502, 'true']), [502, 'false']]);
    assert.deepEqual(
      retries.map(({ attempt }) => attempt),
      [1, 2, 3, 4, 5],
    );
    assert.equal(refusals.length, 1);
    assert.equal(refusals[0]?.code, 'model-unreachable');
    assert.match(
      refusals[0].message,
      /^The model at 127\.0\.0\.1:\d+ cannot be reached: nobody answers there\.$/,
    );
  });

  it('closes the connection before any answer', async () => {
    const { socket, retries } = await test.pair({ turns: [after([refused()], say('x'))] });
    assert.equal((await send(socket, { body: question() })).status, 502);
    assert.match(retries[0]?.reason ?? '', /the connection was cut/);
    assert.equal((await send(socket, { body: question() })).status, 200);
  });

  it('has a name that nobody knows', async () => {
    const { socket, retries } = await test.relay({
      access: { provider: 'messages', baseUrl: 'http://no-such-name.invalid', key: KEY },
    });
    assert.equal((await send(socket, { body: question() })).status, 502);
    assert.match(
      retries[0]?.reason ?? '',
      /^The model at no-such-name\.invalid cannot be reached: its name is not found/,
    );
  });

  it('does not speak TLS where it should: asking again is no use', async () => {
    const api = await test.api({ turns: [say('x')] });
    const { socket, refusals, retries } = await test.relay({
      access: { provider: 'messages', baseUrl: api.url.replace('http:', 'https:'), key: KEY },
    });
    const answer = await send(socket, { body: question() });
    assert.deepEqual([answer.status, answer.headers['x-should-retry']], [502, 'false']);
    assert.equal(refusals[0]?.code, 'model-unreachable');
    assert.match(refusals[0].message, /certificate or its encryption is not right/);
    assert.deepEqual(retries, []);
  });

  it('has another path: that is said', async () => {
    const api = await test.api({ pathPrefix: '/here', turns: [say('x')], plainNotFound: true });
    const { socket, refusals } = await test.relay({
      access: { provider: 'messages', baseUrl: api.url.replace('/here', '/there'), key: KEY },
    });
    assert.equal((await send(socket, { body: question() })).status, 404);
    assert.equal(refusals[0]?.code, 'model-unreachable');
    assert.match(refusals[0].message, /does not answer as the Messages API does \(status 404\)/);
  });

  it('is no address that can be used', async () => {
    await assert.rejects(
      test.relay({ access: { provider: 'messages', baseUrl: 'http://name:made-up-password@host/' } }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'bad-request');
        assert.ok(!error.message.includes('made-up-password'));
        return true;
      },
    );
  });

  it('never gives the key away, not even where the endpoint does', async () => {
    const spellings = [KEY, Buffer.from(KEY).toString('base64'), encodeURIComponent(KEY)];
    const { socket, refusals, retries } = await test.pair({
      turns: (body) => {
        const [code, spelling = ''] = lastPrompt(body).prompt.split(' ');
        return status(Number(code), `Not this: "${spelling}"!`, { 'request-id': spelling });
      },
    });
    for (const code of [400, 401, 403, 404, 429, 500]) {
      for (const spelling of spellings) {
        const content = `${String(code)} ${spelling}`;
        const answer = await send(socket, { body: question({ messages: [{ role: 'user', content }] }) });
        assert.deepEqual([answer.status, errorOf(answer).message], [code, 'Not this: "[redacted]"!']);
        assert.equal(answer.headers['request-id'], '[redacted]');
      }
    }
    const told = JSON.stringify([refusals.map((error) => error.toWire()), retries]);
    for (const spelling of spellings) assert.ok(!told.includes(spelling));
  });

  it('is left when the box leaves', async () => {
    const leaving = new AbortController();
    const { socket, api } = await test.pair({
      turns: [say('x', { hold: { event: 2, until: new Promise(() => undefined) } })],
    });
    let soFar = '';
    const answer = send(socket, {
      body: question(),
      signal: leaving.signal,
      onText: (all) => (soFar = all),
    });
    await eventually(() => soFar.includes('content_block_start'));
    leaving.abort();
    await answer;
    await eventually(() => api.requests[0]?.state === 'left');
  });
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
