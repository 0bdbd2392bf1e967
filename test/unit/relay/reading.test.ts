import assert from 'node:assert/strict';
import { AnswerUsage } from '../../../backend/src/relay/answer-usage.ts';
import { estimateInputTokens } from '../../../backend/src/relay/estimate.ts';
import { DEAREST, priceOf, regionalFactor } from '../../../backend/src/relay/prices.ts';
import { readRequestBody } from '../../../backend/src/relay/request-body.ts';
import { SseEvents } from '../../../backend/src/relay/sse-events.ts';
import { costOf, NO_TOKENS, USUAL_TERMS } from '../../../backend/src/relay/tokens.ts';
import { messageEvents } from '../../support/messages-api/events.ts';
import { text, turn, use } from '../../support/messages-api/turn.ts';
import { question } from './fixture.ts';

describe('server-sent events', () => {
  const stream =
    'event: a\r\ndata: {"ä":1}\r\n\r\n: a comment\nid: 7\ndata:x\ndata: y 🎉\n\nevent: none\n\ndata: last\n\ndata: cut';
  const events = ['{"ä":1}', 'x\ny 🎉', 'last'];

  it('are read wherever the bytes are cut', () => {
    const bytes = Buffer.from(stream);
    for (let first = 0; first <= bytes.length; first += 1) {
      for (const second of [first, Math.min(bytes.length, first + 1), bytes.length]) {
        const seen: string[] = [];
        const reader = new SseEvents((data) => seen.push(data));
        for (const part of [
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ]) {
          reader.push(part);
        }
        assert.deepEqual(seen, events, `cut at ${String(first)} and ${String(second)}`);
      }
    }
  });

  it('that are too long are passed over, in bounded memory, and the next is read', () => {
    const seen: string[] = [];
    const reader = new SseEvents((data) => seen.push(data));
    reader.push(Buffer.from('data: '));
    for (let megabytes = 0; megabytes < 8; megabytes += 1) reader.push(Buffer.alloc(1024 * 1024, 'x'));
    reader.push(Buffer.from('\n\ndata: next\n\n'));
    for (let lines = 0; lines < 2000; lines += 1) reader.push(Buffer.from(`data: ${'y'.repeat(1000)}\n`));
    reader.push(Buffer.from('\ndata: again\n\n'));
    assert.deepEqual(seen, ['next', 'again']);
  });
});

describe('the usage of an answer', () => {
  const usage = { input: 12, output: 34, cacheRead: 56, cacheWrite5m: 7, cacheWrite1h: 8 };

  it('is read from a stream that is cut anywhere', () => {
    const events = [...messageEvents(turn([text('some words'), use('Write', { a: 1 })], { usage }), 'm')];
    const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    for (let size = 1; size < 300; size += 7) {
      const reader = new AnswerUsage(true);
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      reader.end();
      assert.deepEqual([reader.tokens, reader.complete], [usage, true]);
    }
  });

  it('takes what a later event says in place of an earlier', () => {
    const reader = new AnswerUsage(true);
    const push = (event: unknown): void => reader.push(Buffer.from(`data: ${JSON.stringify(event)}\n\n`));
    push({ type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } });
    push({
      type: 'message_delta',
      usage: {
        input_tokens: 500,
        output_tokens: 20,
        cache_read_input_tokens: null,
        server_tool_use: { web_search_requests: 3 },
        speed: 'fast',
        inference_geo: 'us',
      },
    });
    reader.end();
    assert.deepEqual(reader.tokens, { ...NO_TOKENS, input: 500, output: 20 });
    assert.deepEqual(reader.terms, { fast: true, usOnly: true, webSearches: 3 });
  });

  it('is not taken from nonsense', () => {
    const reader = new AnswerUsage(true);
    for (const event of [
      '{"type":"message_start","message":{"usage":{"input_tokens":-5,"output_tokens":1e99}}}',
      '{"type":"message_start","message":7}',
      '{"type":"message_delta","usage":"much"}',
      'null',
      '{',
    ]) {
      reader.push(Buffer.from(`data: ${event}\n\n`));
    }
    reader.end();
    assert.deepEqual([reader.tokens, reader.complete, reader.hasInput], [NO_TOKENS, false, false]);
  });
});

describe('prices', () => {
  for (const [model, input, output] of [
    ['claude-opus-5-5', 4, 20],
    ['claude-opus-5-5[1m]', 4, 20],
    ['claude-opus-5', 5, 25],
    ['claude-opus-4-5-20251101', 5, 25],
    ['claude-opus-4-1-20250805', 15, 75],
    ['claude-opus-4-20250514', 15, 75],
    ['claude-opus-4-0', 15, 75],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 3, 15],
    ['global.anthropic.claude-opus-4-6-v1', 5, 25],
    ['jp.anthropic.claude-opus-5-5', 4, 20],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 3, 15],
    [
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0',
      1,
      5,
    ],
    ['claude-3-5-haiku-latest', 0.8, 4],
    ['anthropic/claude-sonnet-4.6', 3, 15],
    ['claude-sonnet-4-5@20250929', 3, 15],
    ['claude-fable-5-2', 8, 40],
    ['claude-haiku-5-5', 0.1, 0.5],
  ] as const) {
    it(`are known of ${model}`, () => {
      const price = priceOf(model);
      assert.deepEqual([price?.input, price?.output], [input, output]);
    });
  }

  for (const model of [
    'claude-opus-9',
    'claude-opus-4-99',
    'claude-instant-1.2',
    'gpt-5',
    'my-claude-opus-5',
    'claude-opus-55',
    'constructor',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefgh',
    '',
  ]) {
    it(`are not guessed of "${model}"`, () => {
      assert.equal(priceOf(model), undefined);
    });
  }

  it('of Bedrock are a tenth higher where inference stays in a region, since version 4.5', () => {
    assert.equal(regionalFactor('us.anthropic.claude-opus-5-5'), 1.1);
    assert.equal(regionalFactor('anthropic.claude-sonnet-4-5-20250929-v1:0'), 1.1);
    assert.equal(regionalFactor('global.anthropic.claude-opus-5-5'), 1);
    assert.equal(regionalFactor('us.anthropic.claude-sonnet-4-20250514-v1:0'), 1);
    assert.equal(regionalFactor('anthropic.claude-3-5-sonnet-20241022-v2:0'), 1);
  });

  it('are higher for long prompts, cached parts included, where the model has such a price', () => {
    const price = priceOf('claude-haiku-5-5');
    assert.ok(price);
    const cost = (cacheRead: number): number => costOf({ ...NO_TOKENS, cacheRead, output: 1000 }, price, 1);
    assert.equal(cost(100_000), 1_500_000);
    assert.equal(cost(100_001), 7_500_050);
  });

  it('are higher in fast mode, in one country alone, and for searches', () => {
    const price = priceOf('claude-opus-5');
    assert.ok(price);
    const tokens = { ...NO_TOKENS, input: 1000, output: 1000 };
    assert.equal(costOf(tokens, price, 1), 30_000_000);
    assert.equal(costOf(tokens, price, 1, { ...USUAL_TERMS, fast: true }), 60_000_000);
    assert.equal(costOf(tokens, price, 1, { ...USUAL_TERMS, usOnly: true }), 33_000_000);
    assert.equal(costOf(tokens, price, 1, { ...USUAL_TERMS, webSearches: 2 }), 50_000_000);
  });

  it('have a dearest one', () => {
    assert.deepEqual([DEAREST.input, DEAREST.output], [15, 75]);
  });
});

describe('the estimate of an input', () => {
  const estimate = (more: Record<string, unknown>): number => {
    const bytes = Buffer.from(JSON.stringify(question(more)));
    const read = readRequestBody(bytes);
    assert.ok('body' in read);
    return estimateInputTokens(read.body, bytes.length);
  };
  const bare = estimate({});

  it('grows with every part of the request', () => {
    const words = 'word '.repeat(600);
    assert.equal(Math.round((estimate({ system: words }) - bare) / 100), 10);
    assert.equal(Math.round((estimate({ tools: [{ name: 'T', description: words }] }) - bare) / 100), 10);
  });

  it('takes a picture for a picture, not for its bytes', () => {
    const picture = (kilobytes: number) => ({
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              content: [
                {
                  type: 'image',
                  source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(kilobytes * 1024) },
                },
              ],
            },
          ],
        },
      ],
    });
    assert.equal(estimate(picture(1)), estimate(picture(4000)));
    assert.ok(estimate(picture(1)) > 5000);
  });

  it('counts data that only says it is a picture as text where it stands as text', () => {
    const data = 'A'.repeat(30_000);
    const input = { type: 'image', source: { type: 'base64', data } };
    const content = [{ type: 'tool_use', id: 't', name: 'Write', input }];
    assert.ok(estimate({ messages: [{ role: 'assistant', content }] }) >= 10_000);
  });
});
