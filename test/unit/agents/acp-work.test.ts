import assert from 'node:assert/strict';
import { agentItemSchema } from '../../../src/protocol/agent-item.ts';
import type { Step } from '../../support/acp-agent/scenario.ts';
import { shows, tool, toolUpdate, update, used } from '../../support/acp-agent/steps.ts';
import { AcpTalk } from '../../support/acp-agent/talk.ts';

describe('an agent of the Agent Client Protocol', () => {
  const talk = new AcpTalk();

  it('tells text and thinking in parts, each text by an id of its own', async () => {
    const chunk = (kind: string, text: string, messageId?: string) =>
      update({ sessionUpdate: `agent_${kind}_chunk`, content: { type: 'text', text }, messageId });
    await talk.begin({
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
    assert.deepEqual(await talk.session.turn(), { outcome: 'done', text: 'Done.' });
    const texts = talk.session.items.filter((item) => item.kind === 'text' || item.kind === 'thinking');
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
    for (const item of talk.session.items) agentItemSchema.parse(item);
  });

  it('tells a tool from its beginning to its result, and its output as it grows', async () => {
    const rawInput = { command: 'make' };
    await talk.begin({
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
    await talk.session.turn();
    assert.deepEqual(talk.session.items.slice(1), [
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
    await talk.begin({
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
    await talk.session.turn();
    assert.deepEqual(
      talk.session.of('tool-call').map(({ name, title }) => [name, title]),
      [
        ['read', 'Reading the file'],
        ['bash', 'Edit /somewhere/x.txt'],
      ],
    );
    assert.deepEqual(
      talk.session.of('tool-result').map(({ outcome, text }) => [outcome, text]),
      [
        ['failed', 'no such file'],
        ['interrupted', ''],
      ],
    );
    assert.deepEqual(talk.session.of('todos'), [
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
    await talk.begin({ turns: [[tool('t'), toolUpdate('t', { status: 'completed', ...shows(text) })]] });
    await talk.session.turn();
    const [result] = talk.session.of('tool-result');
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
    await talk.begin({
      turns: [
        [{ permission: { toolCall, options } }, { permission: { toolCall, options: options.slice(0, 2) } }],
      ],
    });
    await talk.session.turn();
    assert.equal(
      talk.session.said,
      '{"outcome":"selected","optionId":"ever"}{"outcome":"selected","optionId":"once"}',
    );
    assert.deepEqual(talk.session.of('question'), []);
    assert.deepEqual(talk.session.of('tool-call'), [
      { kind: 'tool-call', id: 'tool-1', name: 'rm', title: 'Run rm', input: { command: 'rm x' } },
    ]);
    assert.equal(talk.session.answer('tool-1', { chosen: [], text: undefined }), false);
  });

  it('is not given what was not offered', async () => {
    await talk.begin({ turns: [[{ ask: 'fs/read_text_file' }, { ask: 'terminal/create' }]] });
    await talk.session.turn();
    assert.equal(talk.session.said, '-32601-32601');
  });

  it('tells what came before the end of its turn before that end', async () => {
    const words = Array.from({ length: 2000 }, (_, number): Step => ({ say: `${String(number)} ` }));
    await talk.begin({ turns: [words, [{ say: 'again' }]] });
    await talk.session.turn();
    assert.equal(talk.session.of('text').length, 2000);
    assert.equal(talk.session.reports.at(-1)?.type, 'turn');
    talk.session.send('again');
    await talk.session.turn(2);
    assert.equal(talk.session.of('text').at(-1)?.delta, 'again');
  });
});
