import assert from 'node:assert/strict';
import type { AgentOptions } from '../../../backend/src/agents/agent.ts';
import { agentItemSchema } from '../../../src/protocol/agent-item.ts';
import type { Scenario, Step } from '../../support/acp-agent/scenario.ts';
import { withScripted } from '../../support/acp-agent/scripted-session.ts';
import type { AgentSession } from '../../support/agents/agent-session.ts';

const update = (of: object): Step => ({ update: of });
const tool = (id: string, more: object = {}): Step =>
  update({ sessionUpdate: 'tool_call', toolCallId: id, title: 'bash', kind: 'execute', ...more });
const toolUpdate = (id: string, more: object): Step =>
  update({ sessionUpdate: 'tool_call_update', toolCallId: id, ...more });
const shows = (text: string) => ({ content: [{ type: 'content', content: { type: 'text', text } }] });
const used = (id: string): Step[] => [
  tool(id, { status: 'in_progress' }),
  toolUpdate(id, { status: 'completed' }),
];

interface Told {
  method: string;
  params: Record<string, unknown>;
}

describe('an agent that speaks the Agent Client Protocol', function () {
  this.timeout(60_000);
  let session: AgentSession;

  afterEach(async () => {
    await session.dispose();
  });

  const talk = async (
    scenario: Scenario,
    options: Partial<AgentOptions> = {},
    ...more: [Parameters<typeof withScripted>[2]?]
  ): Promise<AgentSession> => (session = await withScripted(scenario, options, ...more));
  const failedWith = async (code: string, message: RegExp): Promise<void> => {
    const end = await session.turn();
    assert(end.outcome === 'failed', JSON.stringify(end));
    assert.equal(end.error.code, code);
    assert.match(end.error.message, message);
  };
  const toldTo = (): Told[] => JSON.parse(session.said) as Told[];
  const promptsIn = (told: Told[]): unknown[] =>
    told.flatMap(({ method, params }) => (method === 'session/prompt' ? [params['prompt']] : []));

  describe('opens a conversation', () => {
    it('says who it is, and is told where it works, what tools there are and the prompt', async () => {
      const toolServers = { songs: { command: 'node', args: ['x.mjs'], env: { SAYS: 'la' } } };
      await talk(
        {
          turns: [[{ sayTold: true }]],
          info: { name: 'scripted', title: 'Scripted', version: '1.2' },
          models: ['one', 'two'],
        },
        { prompt: 'do it', toolServers },
      );
      await session.turn();
      assert.equal(session.conversation, 'the-session');
      assert.deepEqual(session.of('session'), [{ kind: 'session', agent: 'Scripted 1.2', model: 'one' }]);
      const [initialize, opening, prompt] = toldTo();
      assert.partialDeepStrictEqual(initialize?.params, {
        protocolVersion: 1,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      });
      assert.deepEqual(opening?.params['mcpServers'], [
        { name: 'songs', command: 'node', args: ['x.mjs'], env: [{ name: 'SAYS', value: 'la' }] },
      ]);
      assert.match(String(opening.params['cwd']), /\/workspace$/);
      assert.deepEqual(prompt?.params['prompt'], [{ type: 'text', text: 'do it' }]);
    });

    it('is told the instructions with the first prompt, and not again', async () => {
      await talk({ turns: [[], [{ sayTold: true }]] }, { prompt: 'do it', instructions: 'Be brief.' });
      await session.turn();
      session.send('do it');
      await session.turn(2);
      const text = (content: string) => ({ type: 'text', text: content });
      assert.deepEqual(promptsIn(toldTo()), [[text('Be brief.'), text('do it')], [text('do it')]]);
    });

    it('uses the model that is asked for', async () => {
      await talk({ turns: [[{ sayTold: true }]], models: ['one', 'two'] }, { model: 'two' });
      await session.turn();
      assert.partialDeepStrictEqual(session.of('session'), [{ model: 'two' }]);
      const chosen = toldTo().find(({ method }) => method === 'session/set_config_option');
      assert.partialDeepStrictEqual(chosen?.params, { configId: 'the-model', value: 'two' });
    });

    it('is refused a model that it does not have, or that nobody may choose', async () => {
      await talk({ turns: [[]], models: ['one', 'two'] }, { model: 'three' });
      await failedWith('unknown-model', /no model "three"/);
      await session.dispose();
      await talk({ turns: [[]] }, { model: 'three' });
      await failedWith('not-supported', /does not let its model be chosen/);
    });

    it('of before again, by what it can', async () => {
      for (const goesOn of ['resume', 'load'] as const) {
        await talk({ turns: [[{ sayTold: true }]], goesOn }, { resume: 'earlier' });
        await session.turn();
        assert.equal(session.conversation, 'earlier');
        // What was said before is not said again.
        assert.equal(toldTo()[1]?.method, `session/${goesOn}`);
        assert.equal(toldTo()[1]?.params['sessionId'], 'earlier');
        if (goesOn === 'resume') await session.dispose();
      }
    });

    it('of before not where it cannot, and says so', async () => {
      await talk({ turns: [[]] }, { resume: 'earlier' });
      await failedWith('not-supported', /cannot go on with a conversation of before/);
    });

    it('not where it speaks another version, or wants its user to sign in', async () => {
      await talk({ turns: [[]], version: 7 });
      await failedWith('not-supported', /speaks version 7/);
      await session.dispose();
      await talk({ turns: [[]], opening: { fail: { code: -32000, message: 'Authentication required' } } });
      await failedWith('no-access', /sign in/);
    });
  });

  describe('works', () => {
    it('tells text and thinking in parts, each text by an id of its own', async () => {
      const chunk = (kind: string, text: string, messageId?: string) =>
        update({ sessionUpdate: `agent_${kind}_chunk`, content: { type: 'text', text }, messageId });
      await talk({
        turns: [
          [
            chunk('thought', 'Let '),
            chunk('thought', 'me.'),
            chunk('message', 'I ', 'm1'),
            chunk('message', 'will.', 'm1'),
            chunk('message', 'Now.', 'm2'),
            ...used('t'),
            chunk('message', 'Done.', 'm2'),
          ],
        ],
      });
      assert.deepEqual(await session.turn(), { outcome: 'done', text: 'Done.' });
      const texts = session.items.filter((item) => item.kind === 'text' || item.kind === 'thinking');
      assert.deepEqual(
        texts.map(({ kind, id, delta }) => [kind, id, delta]),
        [
          ['thinking', 'thinking-1', 'Let '],
          ['thinking', 'thinking-1', 'me.'],
          ['text', 'text-2', 'I '],
          ['text', 'text-2', 'will.'],
          ['text', 'text-3', 'Now.'],
          ['text', 'text-4', 'Done.'],
        ],
      );
      for (const item of session.items) agentItemSchema.parse(item);
    });

    it('tells a tool from its beginning to its result, and its output as it grows', async () => {
      const rawInput = { command: 'make' };
      await talk({
        turns: [
          [
            tool('t', { status: 'pending', rawInput: {} }),
            toolUpdate('t', { status: 'in_progress', title: 'make', rawInput }),
            toolUpdate('t', { status: 'in_progress', title: 'make', rawInput, ...shows('one\n') }),
            toolUpdate('t', { status: 'in_progress', title: 'make', rawInput, ...shows('one\ntwo\n') }),
            toolUpdate('t', { status: 'completed', title: 'made', ...shows('one\ntwo\nthree\n') }),
            toolUpdate('t', { status: 'completed', title: 'late' }),
          ],
        ],
      });
      await session.turn();
      assert.deepEqual(session.items.slice(1), [
        { kind: 'tool', id: 'tool-1', name: 'bash' },
        { kind: 'tool-call', id: 'tool-1', name: 'bash', title: 'Run make', input: rawInput },
        { kind: 'tool-output', id: 'tool-1', delta: 'one\n' },
        { kind: 'tool-output', id: 'tool-1', delta: 'two\n' },
        { kind: 'tool-result', id: 'tool-1', outcome: 'done', text: 'one\ntwo\nthree\n' },
        { kind: 'tool', id: 'tool-2', name: 'late' },
        { kind: 'tool-call', id: 'tool-2', name: 'late', title: 'late', input: {} },
        { kind: 'tool-result', id: 'tool-2', outcome: 'done', text: '' },
      ]);
    });

    it('tells what failed, what was left open, and what it plans', async () => {
      await talk({
        turns: [
          [
            tool('a', { title: 'Reading the file', kind: 'read', status: 'in_progress' }),
            tool('b', { kind: 'edit', status: 'in_progress', locations: [{ path: '/somewhere/x.txt' }] }),
            toolUpdate('a', { status: 'failed', rawOutput: { error: 'no such file' } }),
            update({
              sessionUpdate: 'plan',
              entries: [
                { content: 'look', priority: 'high', status: 'completed' },
                { content: 'mend', priority: 'high', status: 'in_progress' },
                { content: 'rest', priority: 'low', status: 'pending' },
              ],
            }),
          ],
        ],
      });
      await session.turn();
      assert.deepEqual(
        session.of('tool-call').map(({ name, title }) => [name, title]),
        [
          ['read', 'Reading the file'],
          ['bash', 'Edit /somewhere/x.txt'],
        ],
      );
      assert.deepEqual(
        session.of('tool-result').map(({ outcome, text }) => [outcome, text]),
        [
          ['failed', 'no such file'],
          ['interrupted', ''],
        ],
      );
      assert.deepEqual(session.of('todos'), [
        {
          kind: 'todos',
          items: [
            { text: 'look', state: 'done' },
            { text: 'mend', state: 'active' },
            { text: 'rest', state: 'pending' },
          ],
        },
      ]);
    });

    it('cuts a long result in its middle', async () => {
      const text = `begin${'x'.repeat(60_000)}end`;
      await talk({ turns: [[tool('t'), toolUpdate('t', { status: 'completed', ...shows(text) })]] });
      await session.turn();
      const [result] = session.of('tool-result');
      assert.match(result?.text ?? '', /^beginx+\n… \d+ characters left out …\nx+end$/);
      assert((result?.text.length ?? 0) < 40_000);
    });

    it('is permitted whatever it asks for, for good where it can be, and nobody is asked', async () => {
      const options = [
        { optionId: 'no', name: 'No', kind: 'reject_once' },
        { optionId: 'once', name: 'Yes', kind: 'allow_once' },
        { optionId: 'ever', name: 'Always', kind: 'allow_always' },
      ];
      const toolCall = { toolCallId: 't', title: 'rm', kind: 'execute', rawInput: { command: 'rm x' } };
      await talk({
        turns: [
          [{ permission: { toolCall, options } }, { permission: { toolCall, options: options.slice(0, 2) } }],
        ],
      });
      await session.turn();
      assert.equal(
        session.said,
        '{"outcome":"selected","optionId":"ever"}{"outcome":"selected","optionId":"once"}',
      );
      assert.deepEqual(session.of('question'), []);
      assert.deepEqual(session.of('tool-call'), [
        { kind: 'tool-call', id: 'tool-1', name: 'rm', title: 'Run rm', input: { command: 'rm x' } },
      ]);
      assert.equal(session.answer('tool-1', { chosen: [], text: undefined }), false);
    });

    it('is not given what was not offered', async () => {
      await talk({ turns: [[{ ask: 'fs/read_text_file' }, { ask: 'terminal/create' }]] });
      await session.turn();
      assert.equal(session.said, '-32601-32601');
    });

    it('tells what came before the end of its turn before that end', async () => {
      const words = Array.from({ length: 2000 }, (_, number): Step => ({ say: `${String(number)} ` }));
      await talk({ turns: [words, [{ say: 'again' }]] });
      await session.turn();
      assert.equal(session.of('text').length, 2000);
      assert.equal(session.reports.at(-1)?.type, 'turn');
      session.send('again');
      await session.turn(2);
      assert.equal(session.of('text').at(-1)?.delta, 'again');
    });
  });

  describe('ends a turn', () => {
    const ends: [string, RegExp][] = [
      ['max_tokens', /longer than the model may give/],
      ['refusal', /refuses to go on/],
      ['because', /"because"/],
    ];
    for (const [reason, message] of ends) {
      it(`that failed for the reason ${reason}`, async () => {
        await talk({ turns: [[{ say: 'x' }, { stop: reason }]] });
        await failedWith('agent-failed', message);
      });
    }

    it('that has reached a limit of its own', async () => {
      await talk({ turns: [[{ stop: 'max_turn_requests' }]] });
      assert.deepEqual(await session.turn(), { outcome: 'turn-limit' });
    });

    const failures: [string, number, string, unknown, RegExp][] = [
      ['no-access', -32603, 'Internal error: invalid x-api-key', undefined, /does not take the key/],
      ['no-access', -32000, 'Authentication required', undefined, /sign in/],
      ['unknown-model', -32603, 'Internal error', { details: '404: model not found' }, /no such model/],
      ['agent-failed', -32603, 'Internal error', { details: 'out of ideas' }, /gave up: .*out of ideas/],
      ['agent-failed', 7, 'x', 'y', /gave up: x/],
    ];
    for (const [code, number, message, data, expected] of failures) {
      it(`with an error of its own: ${code}, ${message} ${JSON.stringify(data)}`, async () => {
        await talk({ turns: [[{ say: 'x' }, { fail: { code: number, message, data } }]] });
        await failedWith(code, expected);
      });
    }

    it('with its process, which is told by that', async () => {
      await talk({ turns: [[{ say: 'half' }, { exit: 3 }]] });
      assert.equal(await session.ended, 3);
      assert.deepEqual(session.turns, []);
    });

    it('and ends when nothing more comes', async () => {
      await talk({ turns: [[{ say: 'x' }]] });
      await session.turn();
      assert.equal(await session.end(), 0);
    });

    it('at the beginning of the answer that is one too many', async () => {
      await talk(
        {
          turns: [[...used('a'), ...used('b'), { say: 'too much' }, ...used('c'), { untilCancelled: true }]],
        },
        { maxTurns: 2 },
      );
      assert.deepEqual(await session.turn(), { outcome: 'turn-limit' });
      assert.equal(session.said, '');
      assert.equal(session.of('tool').length, 2);
      assert.equal(session.of('tool-result').length, 2);
    });

    it('so, too, where that answer uses a tool', async () => {
      await talk(
        { turns: [[...used('a'), tool('b', { status: 'in_progress' }), { untilCancelled: true }]] },
        { maxTurns: 1 },
      );
      assert.deepEqual(await session.turn(), { outcome: 'turn-limit' });
      assert.deepEqual(
        session.items.map((item) => ('id' in item ? item.id : item.kind)),
        ['session', 'tool-1', 'tool-1', 'tool-1'],
      );
    });

    it('by itself with as many answers as it may have', async () => {
      await talk({ turns: [[...used('a'), { say: 'done' }]] }, { maxTurns: 2 });
      assert.deepEqual(await session.turn(), { outcome: 'done', text: 'done' });
    });
  });

  describe('is led', () => {
    const waits = [
      tool('t', { status: 'in_progress', ...shows('so far') }),
      { untilCancelled: true },
    ] as const;

    it('by an interruption, which ends the turn and leaves it ready for another', async () => {
      await talk({ turns: [waits, [{ say: 'Second.' }]] });
      await session.item('tool-output');
      session.interrupt();
      assert.deepEqual(await session.turn(), { outcome: 'interrupted', text: '' });
      assert.deepEqual(session.of('tool-result'), [
        { kind: 'tool-result', id: 'tool-1', outcome: 'interrupted', text: 'so far' },
      ]);
      session.send('go on');
      assert.deepEqual(await session.turn(2), { outcome: 'done', text: 'Second.' });
    });

    it('by a message that comes after an interruption: it goes on with that', async () => {
      await talk({ turns: [waits, [{ say: 'Second.' }]] });
      await session.item('tool-output');
      session.interrupt();
      session.send('go on');
      assert.deepEqual(await session.turn(), { outcome: 'done', text: 'Second.' });
      assert.equal(session.turns.length, 1);
    });

    it('by an interruption before it has begun', async () => {
      await talk({ turns: [[{ say: 'never' }]] });
      session.interrupt();
      assert.deepEqual(await session.turn(), { outcome: 'interrupted', text: '' });
      session.interrupt();
      assert.equal(await session.end(), 0);
      assert.equal(session.said, '');
      assert.equal(session.turns.length, 1);
    });

    it('by a message in mid-turn: it is stopped, and prompted with that, in one turn', async () => {
      await talk({ turns: [waits, [{ sayTold: true }]] });
      await session.item('tool-output');
      session.send('turn around');
      const end = await session.turn();
      assert.equal(end.outcome, 'done');
      assert.equal(session.turns.length, 1);
      assert.deepEqual(
        toldTo().map(({ method }) => method),
        ['initialize', 'session/new', 'session/prompt', 'session/cancel', 'session/prompt'],
      );
      assert.deepEqual(promptsIn(toldTo())[1], [{ type: 'text', text: 'turn around' }]);
    });

    it('by messages in mid-turn, where it takes prompts at any time: the turn ends when all are answered', async () => {
      await talk(
        { turns: [waits, [{ say: 'Second.' }], [{ sayTold: true }]] },
        {},
        { kind: { steering: 'prompt' } },
      );
      await session.item('tool-output');
      session.send('a');
      session.send('b');
      session.interrupt();
      const end = await session.turn();
      assert.equal(end.outcome, 'interrupted');
      assert.equal(session.turns.length, 1);
    });

    it('by a message before it has begun, which comes with the prompt', async () => {
      await talk({ turns: [[{ sayTold: true }]] });
      session.send('second');
      const end = await session.turn();
      assert.equal(end.outcome, 'done');
      const texts = ['do it', 'second'].map((text) => ({ type: 'text', text }));
      assert.deepEqual(promptsIn(toldTo()), [texts]);
    });
  });
});
