import assert from 'node:assert/strict';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { assistant, event, part, result, said, toolResult } from '../../support/agents/claude-messages.ts';
import { items, SpokenClaude, texts, turns } from '../../support/agents/spoken-claude.ts';

describe('a program that does not speak as Claude Code does', () => {
  let spoken: SpokenClaude;
  beforeEach(() => {
    spoken = new SpokenClaude();
  });

  const failedWith = async (message: RegExp): Promise<string[]> => {
    const told = await spoken.rest();
    const [end, ...more] = turns(told);
    assert(end?.outcome === 'failed' && end.error.code === 'agent-failed', JSON.stringify(end));
    assert.match(end.error.message, message);
    assert.deepEqual(more, []);
    return items(told).map(({ kind }) => kind);
  };

  it('is given up when its answer has no end', async () => {
    spoken.write(event({ type: 'message_start' }));
    for (let count = 0; count < 20; count++) spoken.write(said(count, 'x'.repeat(1024 ** 2)));
    assert.equal((await failedWith(/more in one answer than any model/)).length, 16);
  });

  it('may say as much in many answers', async () => {
    for (let count = 0; count < 20; count++)
      spoken.write(event({ type: 'message_start' }), said(0, 'x'.repeat(1024 ** 2)));
    assert.equal(texts(await spoken.rest()).length, 20);
  });

  it('is given up when it uses tools without end', async () => {
    for (let count = 0; count < 2000; count++)
      spoken.write(assistant([{ type: 'tool_use', id: String(count), name: 'Bash', input: {} }]));
    assert.equal((await failedWith(/more than 1000 tools/)).length, 1000);
  });

  it('has no blocks that nobody could count', async () => {
    spoken.write(said(0, 'a'), said(-1, 'b'), said(1000, 'c'), said(1e15, 'd'));
    spoken.write(part(999, { type: 'text_delta', text: 'e' }));
    assert.deepEqual(texts(await spoken.rest()), ['a', 'e']);
  });

  it('is read no further when it asks and reads no answers, and goes on when it does', async () => {
    const input = { command: 'x'.repeat(1024 ** 2) };
    for (let count = 0; count < 40; count++) {
      const request = { subtype: 'can_use_tool', tool_name: 'Bash', input };
      spoken.write({ type: 'control_request', request_id: String(count), request });
    }
    for (let count = 0; count < 200; count++) await turnOfTheLoop();
    assert(spoken.stdin.writableLength < 8 * 1024 ** 2, String(spoken.stdin.writableLength));
    spoken.write(result({ result: 'at last' }));
    spoken.stdin.resume();
    assert.deepEqual(turns(await spoken.rest()), [{ outcome: 'done', text: 'at last' }]);
  });

  it('has done nothing when each of its tools was refused, whatever it says', async () => {
    const use = (id: string, name: string) => assistant([{ type: 'tool_use', id, name, input: {} }]);
    const permission_denials = [{ tool_name: 'Bash', tool_use_id: 'a' }];
    spoken.write(use('a', 'Bash'), result({ permission_denials }));
    await failedWith(/refused every tool that it wanted to use: Bash\./);
    spoken = new SpokenClaude();
    spoken.write(use('b', 'Read'), toolResult('b', 'read'), use('a', 'Bash'), result({ permission_denials }));
    // The denials of an earlier turn are told again.
    spoken.write(result({ permission_denials }));
    assert.deepEqual(
      turns(await spoken.rest()).map(({ outcome }) => outcome),
      ['done', 'done'],
    );
  });
});
