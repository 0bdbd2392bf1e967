import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { say, turn, text, thinking, use } from '../../support/messages-api/turn.ts';
import { eventually } from '../../support/target/eventually.ts';
import { errorOf, KEY, question, RelayTest, said, send } from './fixture.ts';

describe('what passes the relay', () => {
  let test: RelayTest;
  beforeEach(() => {
    test = new RelayTest();
  });
  afterEach(() => test.dispose());

  it('passes a streamed answer on byte for byte', async () => {
    const blocks = [
      thinking('Hm, 🤔.'),
      text('Ünïcode 🎉 '.repeat(50)),
      use('Write', { path: 'a', text: 'ß\n' }),
    ];
    const { socket, api } = await test.pair({ turns: [turn(blocks)] });
    const straight = await fetch(`${api.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: JSON.stringify(question()),
    });
    const answer = await send(socket, { body: question() });
    const withoutIds = (stream: string): string => stream.replace(/(msg|toolu)_[0-9a-f]+/g, '$1');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    assert.equal(answer.headers['request-id'], 'req_scripted');
    assert.equal(withoutIds(answer.text), withoutIds(await straight.text()));
  });

  it('passes each event on when it comes', async () => {
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const held = { ...say('first second', { hold: { event: 3, until } }) };
    const { socket } = await test.pair({
      turns: [{ ...held, blocks: [text('first second', { pieces: 2 })] }],
    });
    let soFar = '';
    const answer = send(socket, {
      body: question(),
      onText: (all) => {
        soFar = all;
      },
    });
    await eventually(() => soFar.includes('first'));
    assert.ok(!soFar.includes('second'));
    go();
    assert.equal(said(await answer), 'first second');
  });

  it('passes an answer on that is not streamed', async () => {
    const { socket } = await test.pair({ turns: [say('all at once')] });
    const answer = await send(socket, { body: question({ stream: false }) });
    const { content } = JSON.parse(answer.text) as { content: unknown };
    assert.deepEqual(content, [{ type: 'text', text: 'all at once' }]);
  });

  it('puts the key in and passes only what models need of the rest', async () => {
    const { socket, api } = await test.pair({ turns: [say('x')] });
    await send(socket, {
      body: question({ metadata: { user_id: 'u' } }),
      headers: {
        'x-api-key': 'a placeholder',
        authorization: 'Bearer a-placeholder',
        cookie: 'c=1',
        'x-forwarded-for': '10.0.0.1',
        'accept-encoding': 'gzip, br',
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'one,two',
        'user-agent': 'an-agent/1',
      },
    });
    const request = api.requests[0];
    assert.ok(request);
    assert.equal(request.url, '/v1/messages?beta=true');
    assert.deepEqual(request.body, question({ metadata: { user_id: 'u' } }));
    const { host, 'content-length': length, ...headers } = request.headers;
    assert.deepEqual(headers, {
      'x-api-key': KEY,
      'accept-encoding': 'identity',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'one,two',
      'content-type': 'application/json',
      'user-agent': 'an-agent/1',
      connection: 'keep-alive',
    });
    assert.equal(`http://${String(host)}`, api.url);
    assert.ok(length !== undefined);
  });

  it('sends a subscription token as a bearer, with the beta that lets it in', async () => {
    const api = await test.api({ token: 'made-up-token', turns: [say('let in')] });
    const { socket } = await test.relay({
      access: { provider: 'messages', baseUrl: api.url, token: 'made-up-token' },
    });
    const answer = await send(socket, { body: question(), headers: { 'anthropic-beta': 'one, two' } });
    assert.equal(said(answer), 'let in');
    assert.equal(api.requests[0]?.headers['anthropic-beta'], 'one,two,oauth-2025-04-20');
    assert.equal(api.requests[0].headers['x-api-key'], undefined);
  });

  it('keeps the path of the address, and counts tokens there', async () => {
    const api = await test.api({ pathPrefix: '/gateway/anthropic', turns: [say('deep')], countedTokens: 42 });
    const { socket, relay } = await test.relay({ access: { provider: 'messages', baseUrl: `${api.url}/` } });
    assert.equal(said(await send(socket, { body: question() })), 'deep');
    const counted = await send(socket, { path: '/v1/messages/count_tokens', body: question() });
    assert.deepEqual(JSON.parse(counted.text), { input_tokens: 42 });
    assert.equal(relay.usage.requests, 1);
  });

  it('takes a new connection where the model has given up the one that was kept', async () => {
    const { socket, api, retries } = await test.pair({ turns: [say('x')], oneRequestPerConnection: true });
    for (const connections of [1, 2, 3]) {
      assert.equal((await send(socket, { body: question() })).status, 200);
      assert.equal(api.requests.length, connections);
    }
    assert.deepEqual(retries, []);
  });

  it('uses a connection again, and takes a new one where the model has closed it', async () => {
    const { socket, api } = await test.pair({ turns: [say('x')] });
    assert.equal((await send(socket, { body: question() })).status, 200);
    assert.equal((await send(socket, { body: question() })).status, 200);
    assert.equal(api.connections, 1);
    api.cutIdleConnections();
    assert.equal((await send(socket, { body: question() })).status, 200);
    assert.equal(api.connections, 2);
  });

  it('has an answer for a look whether it is there, without asking the model', async () => {
    const { socket, api } = await test.pair({ turns: [] });
    assert.equal((await send(socket, { method: 'HEAD', path: '/' })).status, 200);
    assert.equal((await send(socket, { method: 'GET', path: '/' })).status, 200);
    assert.equal(api.requests.length, 0);
  });

  for (const [method, path] of [
    ['GET', '/v1/models'],
    ['GET', '/v1/messages'],
    ['POST', '/v1/messages/batches'],
    ['POST', '/v1/files'],
    ['POST', '/v1/messages/../files'],
    ['POST', '/v1/messages/'],
    ['POST', '//v1/messages'],
    ['POST', '/v1/%6dessages'],
    ['POST', 'http://api.anthropic.com/v1/messages'],
    ['POST', '/constructor'],
    ['DELETE', '/v1/messages'],
  ] as const) {
    it(`has no way to ${method} ${path}`, async () => {
      const { socket, api } = await test.pair({ turns: [say('x')] });
      const answer = await send(socket, { method, path, body: question() });
      assert.equal(answer.status, 404);
      assert.equal(errorOf(answer).type, 'not_found_error');
      assert.equal(api.requests.length, 0);
    });
  }

  for (const [what, raw] of [
    ['what is no JSON', '{"model": "claude'],
    ['nothing', ''],
    ['a list', '[]'],
    ['no model', JSON.stringify({ max_tokens: 1, messages: [] })],
    ['a limit that is no number', JSON.stringify({ ...question(), max_tokens: '100' })],
    ['a limit below zero', JSON.stringify({ ...question(), max_tokens: -100 })],
  ] as const) {
    it(`refuses a body that is ${what}`, async () => {
      const { socket, api } = await test.pair({ turns: [say('x')] });
      const answer = await send(socket, { raw });
      assert.equal(answer.status, 400);
      assert.equal(errorOf(answer).type, 'invalid_request_error');
      assert.equal(api.requests.length, 0);
    });
  }

  it('refuses a body of more than 32 MB and takes the next request', async () => {
    const { socket, api } = await test.pair({ turns: [say('x')] });
    const answer = await send(socket, { raw: Buffer.alloc(32 * 1024 * 1024 + 1, 0x20) });
    assert.equal(answer.status, 413);
    assert.equal(errorOf(answer).type, 'request_too_large');
    assert.equal(api.requests.length, 0);
    assert.equal((await send(socket, { body: question() })).status, 200);
  });

  it('follows no redirect', async () => {
    const elsewhere = await test.api({ turns: [say('x')] });
    const { socket, refusals } = await test.pair({ redirectTo: `${elsewhere.url}/v1/messages` });
    const answer = await send(socket, { body: question() });
    assert.equal(answer.status, 502);
    assert.equal(answer.headers.location, undefined);
    assert.equal(elsewhere.requests.length, 0);
    assert.equal(refusals[0]?.code, 'model-unreachable');
  });

  it('removes its socket and cuts what is under way when it is closed', async () => {
    const { socket, api, relay } = await test.pair({
      turns: [say('x', { hold: { event: 3, until: new Promise(() => undefined) } })],
    });
    let soFar = '';
    const answer = send(socket, { body: question(), onText: (all) => (soFar = all) });
    await eventually(() => soFar.includes('text_delta'));
    await relay.close();
    assert.equal((await answer).whole, false);
    await eventually(() => api.requests[0]?.state === 'left');
    assert.equal(existsSync(socket), false);
    await assert.rejects(send(socket, { body: question() }), { code: 'ENOENT' });
  });
});
