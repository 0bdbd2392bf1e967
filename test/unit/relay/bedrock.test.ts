import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BedrockApi, BedrockApiOptions } from '../../support/messages-api/bedrock.ts';
import { dropped, errorEvent, garbage, stalled, status } from '../../support/messages-api/failure.ts';
import { after, say, text, turn, use } from '../../support/messages-api/turn.ts';
import { eventually } from '../../support/target/eventually.ts';
import { errorOf, question, RelayTest, said, send, type RelaySide } from './fixture.ts';
import { bedrockModel } from '../../../backend/src/relay/bedrock-request.ts';

const CREDENTIALS = {
  accessKeyId: 'AKIDMADEUP',
  secretAccessKey: 'made-up-secret',
  sessionToken: 'made-up-session',
};
const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const USAGE = { input: 1000, output: 200, cacheRead: 5000, cacheWrite5m: 400, cacheWrite1h: 100 };

describe('Amazon Bedrock', () => {
  let test: RelayTest;
  let before: NodeJS.ProcessEnv;

  beforeEach(() => {
    test = new RelayTest();
    before = process.env;
    // Nothing of the machine's own configuration: the profile is in a file of the test's.
    const config = join(test.folder, 'config');
    writeFileSync(
      config,
      `[profile made-up]\naws_access_key_id=${CREDENTIALS.accessKeyId}\naws_secret_access_key=${CREDENTIALS.secretAccessKey}\n` +
        `aws_session_token=${CREDENTIALS.sessionToken}\n[profile wrong]\naws_access_key_id=AKIDOTHER\naws_secret_access_key=x\n`,
    );
    process.env = {
      PATH: before['PATH'],
      HOME: test.folder,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: join(test.folder, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  });
  afterEach(async () => {
    process.env = before;
    await test.dispose();
  });

  async function bedrock(
    script: Omit<BedrockApiOptions, 'credentials' | 'region'>,
    more: { profile?: string; budget?: { usd?: number; tokens?: number } } = {},
  ): Promise<RelaySide & { api: BedrockApi }> {
    const api = await test.bedrock({ credentials: CREDENTIALS, region: 'eu-west-1', ...script });
    const side = await test.relay({
      access: {
        provider: 'bedrock',
        region: 'eu-west-1',
        profile: more.profile ?? 'made-up',
        baseUrl: api.url,
      },
      ...(more.budget === undefined ? {} : { budget: more.budget }),
    });
    return { ...side, api };
  }

  const asked = (more: Record<string, unknown> = {}) => question({ model: MODEL, ...more });

  it('is asked as the profile, with the body that it wants', async () => {
    const { socket, api } = await bedrock({ turns: [say('x')] });
    await send(socket, {
      body: asked({ system: 's', metadata: { user_id: 'u' }, service_tier: 'auto' }),
      headers: {
        'anthropic-beta':
          'interleaved-thinking-2025-05-14, claude-code-20250219,advanced-tool-use-2025-11-20',
      },
    });
    assert.deepEqual(
      api.requests.map(({ model, streamed, body }) => ({ model, streamed, body })),
      [
        {
          model: MODEL,
          streamed: true,
          body: {
            max_tokens: 1000,
            messages: [{ role: 'user', content: 'Hello' }],
            system: 's',
            anthropic_version: 'bedrock-2023-05-31',
            anthropic_beta: ['interleaved-thinking-2025-05-14', 'tool-search-tool-2025-10-19'],
          },
        },
      ],
    );
  });

  it('answers with the same events as the Messages API, and counts the same', async () => {
    const turns = [
      turn([text('Ünïcode 🎉 '.repeat(20)), use('Write', { a: 'ß' }, { id: 'toolu_1' })], { usage: USAGE }),
    ];
    const { socket, relay } = await bedrock({ turns });
    const straight = await test.pair({ turns });
    const answer = await send(socket, { body: asked() });
    const same = await send(straight.socket, { body: asked() });
    const withoutIds = (stream: string): string => stream.replace(/msg_[0-9a-f]+/g, 'msg');
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    assert.equal(withoutIds(answer.text), withoutIds(same.text));
    // A region's price is a tenth higher than the global one.
    assert.equal(relay.usage.usd, 0.01056);
    const { usd: _, ...tokens } = relay.usage;
    const { usd: __, ...sameTokens } = straight.relay.usage;
    assert.deepEqual(tokens, sameTokens);
  });

  it('answers at once where no stream is asked for', async () => {
    const { socket, api, relay } = await bedrock({ turns: [say('all at once', { usage: USAGE })] });
    const answer = await send(socket, { body: asked({ stream: false }) });
    const { content } = JSON.parse(answer.text) as { content: unknown };
    assert.deepEqual(content, [{ type: 'text', text: 'all at once' }]);
    assert.equal(api.requests[0]?.streamed, false);
    assert.equal(relay.usage.outputTokens, 200);
  });

  it('is held to the budget', async () => {
    const { socket, api } = await bedrock({ turns: [say('x')] }, { budget: { tokens: 500 } });
    await send(socket, { body: asked() });
    assert.equal(api.requests[0]?.body['max_tokens'], 500 - Math.ceil(JSON.stringify(asked()).length / 3));
  });

  it('passes each event on when it comes', async () => {
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { socket } = await bedrock({
      turns: [turn([text('first second', { pieces: 2 })], { hold: { event: 3, until } })],
    });
    let soFar = '';
    const answer = send(socket, { body: asked(), onText: (all) => (soFar = all) });
    await eventually(() => soFar.includes('first'));
    assert.ok(!soFar.includes('second'));
    go();
    assert.equal(said(await answer), 'first second');
  });

  it('is left in mid-stream when the box leaves, also where it says nothing', async () => {
    const leaving = new AbortController();
    const { socket, api, relay } = await bedrock({
      turns: [after([stalled(4)], say('x'.repeat(200), { usage: USAGE }))],
    });
    let soFar = '';
    const answer = send(socket, { body: asked(), signal: leaving.signal, onText: (all) => (soFar = all) });
    await eventually(() => soFar.split('text_delta').length === 3);
    leaving.abort();
    await answer;
    await eventually(() => api.requests[0]?.state === 'left');
    assert.equal(relay.usage.inputTokens, 1000);
  });

  for (const [failure, code, type, refusal] of [
    [status(403, 'You don’t have access to the model'), 403, 'permission_error', 'no-access'],
    [status(400, 'The provided model identifier is invalid.'), 400, 'invalid_request_error', 'unknown-model'],
    [status(404, 'Could not resolve the foundation model'), 404, 'not_found_error', 'unknown-model'],
    [status(400, 'messages: at least one message is required'), 400, 'invalid_request_error', undefined],
    [status(429, 'Too many tokens'), 429, 'rate_limit_error', undefined],
    [status(503, 'Unavailable'), 529, 'overloaded_error', undefined],
    [status(500, 'Oh'), 500, 'api_error', undefined],
  ] as const) {
    it(`refuses (${JSON.stringify(failure.fail === 'status' && failure.message)}) as the Messages API would`, async () => {
      const { socket, refusals, retries } = await bedrock({ turns: [failure] });
      const answer = await send(socket, { body: asked() });
      assert.deepEqual([answer.status, errorOf(answer).type], [code, type]);
      assert.equal(refusals[0]?.code, refusal);
      assert.equal(retries.length, code === 429 || code >= 500 ? 1 : 0);
    });
  }

  it('ends a stream with an exception: it is an error event', async () => {
    const { socket, retries } = await bedrock({ turns: [after([errorEvent(4)], say('x'.repeat(200)))] });
    const answer = await send(socket, { body: asked() });
    assert.match(answer.text, /event: error\ndata: \{"type":"error","error":\{"type":"rate_limit_error"/);
    assert.equal(retries.length, 1);
  });

  for (const failure of [dropped(4), garbage(4)]) {
    it(`breaks off (${failure.fail}): so does the answer`, async () => {
      const { socket, relay, retries } = await bedrock({
        turns: [after([failure], say('x'.repeat(200), { usage: USAGE }))],
      });
      const answer = await send(socket, { body: asked() });
      assert.deepEqual([answer.status, answer.whole], [200, false]);
      assert.equal(relay.usage.inputTokens, 1000);
      assert.equal(retries.length, 1);
    });
  }

  it('does not know the credentials: the run is told, and no secret', async () => {
    const { socket, refusals } = await bedrock({ turns: [say('x')] }, { profile: 'wrong' });
    const answer = await send(socket, { body: asked() });
    assert.equal(answer.status, 403);
    assert.equal(refusals[0]?.code, 'no-access');
  });

  it('has no such profile: the run is told what to do', async () => {
    const { socket, refusals, api } = await bedrock({ turns: [say('x')] }, { profile: 'nobody' });
    const answer = await send(socket, { body: asked() });
    assert.deepEqual([answer.status, answer.headers['x-should-retry']], [502, 'false']);
    assert.equal(api.requests.length, 0);
    assert.equal(refusals[0]?.code, 'no-access');
    assert.match(refusals[0].message, /profile "nobody"/);
    assert.match(refusals[0].fix ?? '', /aws sso login --profile nobody/);
  });

  it('counts no tokens beforehand', async () => {
    const { socket, refusals } = await bedrock({ turns: [] });
    const answer = await send(socket, { path: '/v1/messages/count_tokens', body: asked() });
    assert.deepEqual([answer.status, refusals.length], [404, 0]);
  });

  it('knows models by names of its own', () => {
    assert.equal(bedrockModel('claude-opus-5-5', 'us-east-1'), 'us.anthropic.claude-opus-5-5');
    assert.equal(
      bedrockModel('claude-haiku-4-5-20251001', 'eu-central-1'),
      'eu.anthropic.claude-haiku-4-5-20251001-v1:0',
    );
    assert.equal(bedrockModel('claude-opus-4-6', 'ap-northeast-1'), 'jp.anthropic.claude-opus-4-6-v1');
    assert.equal(bedrockModel(MODEL, 'us-east-1'), MODEL);
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefgh';
    assert.equal(bedrockModel(arn, 'us-east-1'), arn);
  });
});
