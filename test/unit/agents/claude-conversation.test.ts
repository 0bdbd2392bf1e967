import assert from 'node:assert/strict';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { agentItemSchema } from '../../../src/protocol/agent-item.ts';
import {
  assistant,
  begin,
  event,
  part,
  result,
  said,
  toolResult,
} from '../../support/agents/claude-messages.ts';
import { items, outcomes, SpokenClaude, texts, turns } from '../../support/agents/spoken-claude.ts';

describe('a conversation with Claude Code', () => {
  let spoken: SpokenClaude;
  beforeEach(() => {
    spoken = new SpokenClaude();
  });

  it('begins with the prompt', () => {
    assert.partialDeepStrictEqual(spoken.told, [
      { type: 'user', message: { role: 'user', content: 'the prompt' } },
    ]);
  });

  it('tells a whole text only where it did not come in parts, and then what is missing of it', async () => {
    spoken.write(
      event({ type: 'message_start' }),
      said(0, 'Hel'),
      said(0, 'lo'),
      assistant([{ type: 'text', text: 'Hello' }]),
      said(1, 'Good'),
      assistant([{ type: 'text', text: 'Goodbye' }]),
      assistant([{ type: 'text', text: 'Not in parts' }]),
      event({ type: 'message_start' }),
      assistant([{ type: 'text', text: 'Hello' }]),
    );
    assert.deepEqual(texts(await spoken.rest()), ['Hel', 'lo', 'Good', 'bye', 'Not in parts', 'Hello']);
  });

  it('gives ids of its own to texts, whatever ids the model gives its answers', async () => {
    const answer = (text: string) => [
      event({ type: 'message_start', message: { id: 'always the same' } }),
      said(0, text),
    ];
    spoken.write(...answer('one'), ...answer('two'));
    const told = items(await spoken.rest());
    assert.equal(new Set(told.map((item) => ('id' in item ? item.id : ''))).size, 2);
  });

  it('reads messages with their fields in any order, cut anywhere, and leaves unknown ones out', async () => {
    const line =
      '{"parent_tool_use_id":null,"event":{"delta":{"text":"é","type":"text_delta"},"index":0,"type":"content_block_delta"},"type":"stream_event"}\n';
    for (const byte of Buffer.from(`{"type":"later"}\n[1]\n"x"\nnull\n{"type":"user"}\n${line}`)) {
      spoken.stdout.write(Buffer.of(byte));
    }
    assert.deepEqual(texts(await spoken.rest()), ['é']);
  });

  it('tells one result for each use of a tool, also of those that never get one', async () => {
    spoken.write(
      event({ type: 'message_start' }),
      begin(0, { type: 'tool_use', id: 'cut-off', name: 'Bash' }),
      event({ type: 'message_start' }),
      assistant([
        { type: 'tool_use', id: 'answered', name: 'Bash', input: { command: 'ls' } },
        { type: 'tool_use', id: 'denied', name: 'Bash', input: {} },
        { type: 'tool_use', id: 'forgotten', name: 'Bash', input: {} },
      ]),
      toolResult('answered', 'files'),
      toolResult('answered', 'again'),
      toolResult('never asked for', 'x'),
      result({ permission_denials: [{ tool_name: 'Bash', tool_use_id: 'denied' }] }),
    );
    assert.deepEqual(outcomes(await spoken.rest()), [
      ['cut-off', 'interrupted'],
      ['answered', 'done'],
      ['denied', 'refused'],
      ['forgotten', 'interrupted'],
    ]);
  });

  it('cuts what a tool says and what it is given, and marks the cut', async () => {
    const long = 'x'.repeat(100_000);
    spoken.write(
      assistant([
        { type: 'tool_use', id: 't', name: 'Write', input: { file_path: '/workspace/a', content: long } },
      ]),
      toolResult('t', [{ type: 'text', text: long }, { type: 'image' }]),
    );
    const [call, answer] = items(await spoken.rest());
    assert(call?.kind === 'tool-call' && answer?.kind === 'tool-result');
    assert(JSON.stringify(call).length < 20_000 && answer.text.length < 20_000);
    assert.match(JSON.stringify(call.input), /83616 characters left out/);
    assert.match(answer.text, /characters left out[\s\S]*\(image\)$/);
  });

  it('tells no more of an input that forms than anybody reads', async () => {
    spoken.write(event({ type: 'message_start' }), begin(0, { type: 'tool_use', id: 't', name: 'Write' }));
    for (let count = 0; count < 100; count++) {
      spoken.write(part(0, { type: 'input_json_delta', partial_json: 'x'.repeat(10_000) }));
    }
    const told = JSON.stringify(await spoken.rest()).length;
    assert(told > 60_000 && told < 100_000, `${String(told)} characters`);
  });

  it('holds the end of a turn back while a message waits that begins another', async () => {
    const [prompt] = spoken.told;
    spoken.write({ type: 'command_lifecycle', command_uuid: prompt?.uuid, state: 'started' });
    spoken.conversation.send('more');
    const [more] = spoken.told;
    spoken.write(
      { type: 'command_lifecycle', command_uuid: more?.uuid, state: 'queued' },
      result({ result: 'first' }),
      { type: 'command_lifecycle', command_uuid: more?.uuid, state: 'started' },
      result({ result: 'second' }),
    );
    assert.deepEqual(turns(await spoken.rest()), [{ outcome: 'done', text: 'second' }]);
  });

  it('tells the end of a turn of a version that does not say how far messages are', async () => {
    spoken.conversation.send('more');
    spoken.write(result());
    assert.deepEqual(turns(await spoken.next(1)), [{ outcome: 'done', text: 'done' }]);
  });

  it('tells a failure at once, whatever waits', async () => {
    const [prompt] = spoken.told;
    spoken.write({ type: 'command_lifecycle', command_uuid: prompt?.uuid, state: 'started' });
    spoken.conversation.send('more');
    spoken.write(result({ is_error: true, api_error_status: 401, result: 'no' }));
    const [end] = turns(await spoken.next(1));
    assert(end?.outcome === 'failed' && end.error.code === 'no-access');
  });

  it('interrupts once, and only while it works', async () => {
    assert.equal(spoken.told.length, 1);
    spoken.conversation.interrupt();
    spoken.conversation.interrupt();
    assert.partialDeepStrictEqual(spoken.told, [
      { type: 'control_request', request: { subtype: 'interrupt' } },
    ]);
    spoken.write(
      result({ subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools' }),
    );
    assert.equal(turns(await spoken.next(1))[0]?.outcome, 'interrupted');
    spoken.conversation.interrupt();
    assert.deepEqual(spoken.told, []);
  });

  it('allows what it is asked to allow, and answers other requests with an error', async () => {
    assert.equal(spoken.told.length, 1);
    spoken.write(
      {
        type: 'control_request',
        request_id: 'a',
        request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'rm' } },
      },
      { type: 'control_request', request_id: 'b', request: { subtype: 'elicitation' } },
      {
        type: 'control_request',
        request_id: 'c',
        request: { subtype: 'can_use_tool', tool_name: 'AskUserQuestion', input: { questions: 'none' } },
      },
      result(),
    );
    await spoken.next(1);
    const responses = spoken.told.map(({ response }) => response);
    assert.partialDeepStrictEqual(responses, [
      {
        request_id: 'a',
        subtype: 'success',
        response: { behavior: 'allow', updatedInput: { command: 'rm' } },
      },
      { request_id: 'b', subtype: 'error' },
      { request_id: 'c', subtype: 'success' },
    ]);
  });

  it('lets a question go that needs no answer any more', async () => {
    const questions = [{ question: 'Which?', options: [{ label: 'a' }, { label: 'b' }] }];
    const request = { subtype: 'can_use_tool', tool_name: 'AskUserQuestion', input: { questions } };
    spoken.write({ type: 'control_request', request_id: 'q', request });
    const [asked] = items(await spoken.next(1));
    assert(asked?.kind === 'question');
    spoken.write({ type: 'control_cancel_request', request_id: 'q' });
    assert.deepEqual(items(await spoken.next(1)), [{ kind: 'answer', id: asked.id }]);
    assert.equal(spoken.conversation.answer(asked.id, { chosen: ['a'], text: undefined }), false);
  });

  it('takes no name for a conversation that would be another argument', async () => {
    const init = (id: string) => ({ type: 'system', subtype: 'init', session_id: id });
    spoken.write(init('--dangerous'), init('a b'), init('../x'), init('0f-good'));
    const told = await spoken.rest();
    assert.deepEqual(
      told.flatMap((report) => (report.type === 'conversation' ? [report.id] : [])),
      ['0f-good'],
    );
  });

  it('tells once of each tool server that it works without', async () => {
    const begins = (more: object) => ({ type: 'system', subtype: 'init', session_id: 'a', ...more });
    const servers = ['connected', 'failed', 'pending', 'toString'].map((status) => ({
      name: status,
      status,
    }));
    spoken.write(begins({ mcp_servers: servers }), begins({ mcp_servers: servers, model: 'another' }));
    spoken.write(begins({ mcp_servers: 'none', model: 'a third' }));
    const told = await spoken.rest();
    const notices = told.flatMap((report) => (report.type === 'notice' ? [report.message] : []));
    assert.deepEqual(
      notices.map((message) => message.split(',')[0]),
      ['The tool server "failed" did not start', 'The tool server "pending" does not answer'],
    );
    assert.equal(items(told).filter(({ kind }) => kind === 'session').length, 3);
  });

  it('ends without a word where it is cut off in the middle, and with what was no JSON else', async () => {
    spoken.write(said(0, 'I am abou'));
    assert.deepEqual(turns(await spoken.rest()), []);
    const other = new SpokenClaude();
    other.write('Segmentation ', 'fault\n{"type":');
    const [end] = turns(await other.rest());
    assert(end?.outcome === 'failed' && end.error.code === 'agent-failed');
    assert.match(end.error.message, /Segmentation fault/);
  });

  it('reads no further than it is read', async () => {
    for (let count = 0; count < 1000; count++)
      spoken.write(assistant([{ type: 'text', text: 'x'.repeat(1000) }]));
    for (let count = 0; count < 50; count++) await turnOfTheLoop();
    assert(spoken.stdout.readableLength + spoken.stdout.writableLength > 900_000, 'it waits to be read');
    assert.equal(texts(await spoken.rest()).length, 1000);
  });

  it('survives whatever is written, and tells nothing that the protocol does not know', async () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    spoken.write(
      '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"","name":"x"}]}}\n',
      `{"type":"assistant","message":{"content":[{"type":"tool_use","id":"deep","name":"","input":${deep}}]}}\n`,
      '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"p","name":"__proto__","input":{"__proto__":{"command":"x"}}}]}}\n',
      '{"type":"assistant","message":{"content":[{"type":"text","text":17}]}}\n',
      `{"type":"stream_event","event":{"type":"content_block_delta","index":1e999,"delta":{"type":"text_delta","text":"x"}}}\n`,
      '{"type":"result"}\n',
      '\u0000\u001b[2J\n',
      Buffer.from([0xff, 0xfe, 10]).toString('latin1'),
      result({ result: 'still here' }),
    );
    const told = await spoken.rest();
    for (const item of items(told))
      assert(agentItemSchema.safeParse(item).success, JSON.stringify(item).slice(0, 200));
    assert.deepEqual(turns(told), [{ outcome: 'done', text: 'still here' }]);
  });
});
