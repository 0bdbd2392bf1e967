import assert from 'node:assert/strict';
import { status, stalled } from '../../support/messages-api/failure.ts';
import { after, say, type TurnUsage } from '../../support/messages-api/turn.ts';
import { eventually } from '../../support/target/eventually.ts';
import { errorOf, question, RelayTest, said, send } from './fixture.ts';

/** Sonnet 4.5: $3 and $15 for a million tokens; a cache read takes $0.30, a write $3.75 or $6. */
const USAGE: TurnUsage = { input: 1000, output: 200, cacheRead: 5000, cacheWrite5m: 400, cacheWrite1h: 100 };
/** What {@link USAGE} takes: 0.003 + 0.003 + 0.0015 + 0.0015 + 0.0006. */
const USD = 0.0096;

describe('the budget', () => {
  let test: RelayTest;
  beforeEach(() => {
    test = new RelayTest();
  });
  afterEach(() => test.dispose());

  const answers = (options = {}) => ({ turns: () => say('some words', { usage: USAGE, ...options }) });

  for (const stream of [true, false]) {
    it(`counts what each answer took (${stream ? 'streamed' : 'at once'})`, async () => {
      const { socket, relay, usages } = await test.pair(answers());
      await send(socket, { body: question({ stream }) });
      await send(socket, { body: question({ stream }) });
      const once = { turns: 0, requests: 1, inputTokens: 1000, outputTokens: 200, cacheReadTokens: 5000 };
      assert.deepEqual(usages, [
        { ...once, cacheWriteTokens: 500, usd: USD },
        {
          turns: 0,
          requests: 2,
          inputTokens: 2000,
          outputTokens: 400,
          cacheReadTokens: 10_000,
          cacheWriteTokens: 1000,
          usd: 2 * USD,
        },
      ]);
      assert.deepEqual(relay.usage, usages[1]);
    });
  }

  it('counts exactly where many ask at once', async () => {
    const { socket, relay } = await test.pair(answers({ delayMs: 1 }), {
      budget: { usd: 5, tokens: 10_000_000 },
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => send(socket, { body: question() })));
    assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
    const { usd, ...tokens } = relay.usage;
    assert.equal(usd, 0.192);
    assert.deepEqual(tokens, {
      turns: 0,
      requests: 20,
      inputTokens: 20_000,
      outputTokens: 4000,
      cacheReadTokens: 100_000,
      cacheWriteTokens: 10_000,
    });
  });

  it('leaves max_tokens as it is where the budget covers it', async () => {
    const { socket, api } = await test.pair(answers(), { budget: { usd: 1 } });
    await send(socket, { body: question() });
    assert.equal(api.bodies[0]?.max_tokens, 1000);
  });

  it('lowers max_tokens to what is left in dollars', async () => {
    const { socket, api } = await test.pair(answers(), { budget: { usd: 0.006 } });
    const body = question();
    await send(socket, { body });
    const input = Math.ceil(JSON.stringify(body).length / 3) * 3e-6;
    assert.equal(api.bodies[0]?.max_tokens, Math.floor((0.006 - input) / 15e-6));
  });

  it('lowers max_tokens to what is left in tokens', async () => {
    const { socket, api } = await test.pair(answers(), { budget: { tokens: 500 } });
    const body = question();
    await send(socket, { body });
    assert.equal(api.bodies[0]?.max_tokens, 500 - Math.ceil(JSON.stringify(body).length / 3));
  });

  it('gives no answer more than half of what is left, past the usual length', async () => {
    const { socket, api } = await test.pair(answers(), { budget: { tokens: 100_000 } });
    const body = question({ max_tokens: 128_000 });
    await send(socket, { body });
    assert.equal(api.bodies[0]?.max_tokens, 50_000 - Math.ceil(JSON.stringify(body).length / 3));
  });

  it('keeps what may go into thinking below max_tokens', async () => {
    const { socket, api } = await test.pair(answers(), { budget: { tokens: 3000 } });
    await send(socket, {
      body: question({ max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 6000 } }),
    });
    const { max_tokens: most, thinking } = api.bodies[0] ?? {};
    assert.ok(most !== undefined && most > 1024 && most < 3000);
    assert.deepEqual(thinking, { type: 'enabled', budget_tokens: most - 1 });
  });

  it('turns thinking off where nothing is left for it', async () => {
    const { socket, api } = await test.pair(answers(), { budget: { tokens: 1000 } });
    await send(socket, {
      body: question({ max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 6000 } }),
    });
    assert.deepEqual(api.bodies[0]?.thinking, { type: 'disabled' });
  });

  it('refuses, for good, what it does not cover, and says so once', async () => {
    const { socket, api, refusals, usages } = await test.pair(answers(), { budget: { usd: 0.0097 } });
    assert.equal((await send(socket, { body: question() })).status, 200);
    for (const _ of [1, 2]) {
      const answer = await send(socket, { body: question() });
      assert.equal(answer.status, 402);
      assert.equal(answer.headers['x-should-retry'], 'false');
      assert.equal(errorOf(answer).type, 'billing_error');
    }
    assert.equal(api.requests.length, 1);
    assert.equal(usages.at(-1)?.requests, 1);
    assert.deepEqual(
      refusals.map(({ code, fix }) => [code, fix]),
      [['budget-reached', 'Give the task a larger budget.']],
    );
  });

  it('counts cached tokens to a budget in tokens', async () => {
    const { socket } = await test.pair(answers(), { budget: { tokens: 6800 } });
    assert.equal((await send(socket, { body: question() })).status, 200);
    assert.equal((await send(socket, { body: question() })).status, 200);
    assert.equal((await send(socket, { body: question() })).status, 402);
  });

  it('is passed by no more than an answer where many ask at once', async () => {
    // Each answer is as long as it may be, whatever it was asked for.
    const { socket, relay, api } = await test.pair(
      {
        turns: (body) => say('words', { usage: { input: 30, output: body.max_tokens }, delayMs: 1 }),
      },
      { budget: { tokens: 5000 } },
    );
    const all = await Promise.all(Array.from({ length: 20 }, () => send(socket, { body: question() })));
    const { inputTokens, outputTokens } = relay.usage;
    assert.ok(inputTokens + outputTokens <= 5000, String(inputTokens + outputTokens));
    assert.ok(inputTokens + outputTokens > 4000, String(inputTokens + outputTokens));
    const refused = all.filter(({ status }) => status === 402);
    assert.equal(refused.length, 20 - api.requests.length);
  });

  it('lets a request wait for what another gives back', async () => {
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { socket, api } = await test.pair(
      answers({ usage: { input: 10, output: 10 }, hold: { event: 2, until } }),
      {
        budget: { tokens: 1040 },
      },
    );
    const first = send(socket, { body: question() });
    await eventually(() => api.requests[0]?.events === 2);
    const second = send(socket, { body: question() });
    const third = new AbortController();
    const left = send(socket, { body: question(), signal: third.signal });
    await send(socket, { path: '/v1/messages/count_tokens', body: question() });
    assert.equal(api.bodies.length, 1);
    third.abort();
    await assert.rejects(left, { name: 'AbortError' });
    go();
    assert.deepEqual([said(await first), said(await second)], ['some words', 'some words']);
    assert.equal(api.bodies.length, 2);
  });

  it('takes nothing for what the model did not answer', async () => {
    const { socket, relay, usages } = await test.pair(
      { turns: [after([status(500), status(529)], say('x', { usage: USAGE }))] },
      { budget: { usd: 1 } },
    );
    assert.equal((await send(socket, { body: question() })).status, 500);
    assert.equal((await send(socket, { body: question() })).status, 529);
    assert.equal(usages.length, 0);
    assert.deepEqual([relay.usage.requests, relay.usage.usd], [2, 0]);
    assert.equal((await send(socket, { body: question() })).status, 200);
    assert.equal(relay.usage.usd, USD);
  });

  it('counts what was begun when the box leaves in mid-stream', async () => {
    const leaving = new AbortController();
    const { socket, api, relay, usages } = await test.pair({
      turns: [after([stalled(7)], say('x'.repeat(200), { usage: USAGE }))],
    });
    let deltas = 0;
    const answer = send(socket, {
      body: question(),
      signal: leaving.signal,
      onText: (text) => {
        deltas = text.split('text_delta').length - 1;
      },
    });
    // Two events, then five deltas.
    await eventually(() => deltas === 5);
    leaving.abort();
    const words = said(await answer);
    assert.ok(words.length > 100 && words.length < 200);
    await eventually(() => api.requests[0]?.state === 'left');
    await eventually(() => usages.length === 1);
    assert.equal(relay.usage.inputTokens, 1000);
    assert.equal(relay.usage.cacheReadTokens, 5000);
    assert.equal(relay.usage.outputTokens, Math.ceil(words.length / 3));
  });

  it('counts the input of a request whose answer nobody waited for', async () => {
    const leaving = new AbortController();
    const { socket, relay, api } = await test.pair({
      turns: [say('x', { hold: { event: 0, until: new Promise(() => undefined) } })],
      answerLate: true,
    });
    const body = question();
    const answer = send(socket, { body, signal: leaving.signal });
    await eventually(() => api.requests.length === 1);
    leaving.abort();
    await assert.rejects(answer, { name: 'AbortError' });
    await eventually(() => relay.usage.inputTokens > 0);
    assert.equal(relay.usage.inputTokens, Math.ceil(JSON.stringify(body).length / 3));
    assert.equal(relay.usage.outputTokens, 0);
  });

  it('estimates what an endpoint does not say', async () => {
    const { socket, relay } = await test.pair({ turns: [say('123456789')], withoutUsage: true });
    const body = question();
    await send(socket, { body });
    const { inputTokens, outputTokens } = relay.usage;
    assert.deepEqual([inputTokens, outputTokens], [Math.ceil(JSON.stringify(body).length / 3), 3]);
  });

  describe('of a model whose price is not known', () => {
    const unknown = question({ model: 'some-model-9' });

    it('counts as the dearest one where there are dollars alone, and says so once', async () => {
      const { socket, api, relay, notices } = await test.pair(answers(), { budget: { usd: 0.08 } });
      await send(socket, { body: unknown });
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? '', /price of this model is not known.*\$15.*\$75/);
      // 1,000 × 15 + 200 × 75 + 5,000 × 1.5 + 400 × 18.75 + 100 × 30 millionths are taken.
      await send(socket, { body: unknown });
      const input = Math.ceil(JSON.stringify(unknown).length / 3) * 15e-6;
      assert.equal(api.bodies[1]?.max_tokens, Math.floor((0.08 - 0.048 - input) / 75e-6));
      assert.equal(notices.length, 1);
      assert.equal(relay.usage.usd, undefined);
    });

    it('is bounded by tokens alone where there are any', async () => {
      const { socket, api, notices } = await test.pair(answers(), {
        budget: { usd: 0.001, tokens: 100_000 },
      });
      await send(socket, { body: unknown });
      assert.equal(api.bodies[0]?.max_tokens, 1000);
      assert.match(notices[0] ?? '', /100000 tokens alone/);
    });

    it('says nothing where no dollars are given', async () => {
      const { socket, notices } = await test.pair(answers(), { budget: { tokens: 100_000 } });
      await send(socket, { body: unknown });
      assert.deepEqual(notices, []);
    });
  });
});
