import assert from 'node:assert/strict';
import { WrittenText } from '../../../src/editor/terminal/written-text.ts';
import type { WrittenPart } from '../../../src/protocol/chat.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { EventBody } from '../../../src/protocol/event.ts';

const item = (each: AgentItem): EventBody => ({ type: 'agent', item: each });
const output = (program: string, text: string): EventBody => ({
  ...{ type: 'output', stream: 'stdout', text },
  ...(program === '' ? {} : { program }),
});

/** What is picked out of events. */
function written(events: EventBody[], part?: WrittenPart): string {
  const text = new WrittenText(part);
  const parts = events.map((event, index) => text.take({ ...event, seq: index + 1, time: index }));
  return parts.join('') + text.end();
}

describe('the whole of what was written in a run', () => {
  const programs = [output('check', '\x1b[31mred\x1b[0m\n'), output('a.py', 'of a\n'), output('', 'own\n')];

  it('is that of all programs, without what draws', () => {
    assert.equal(written(programs), 'red\nof a\nown\n');
  });

  it('is that of one program', () => {
    assert.equal(written(programs, { program: 'check' }), 'red\n');
    assert.equal(written(programs, { program: 'a.py' }), 'of a\n');
    assert.equal(written(programs, { program: '' }), 'own\n');
    assert.equal(written(programs, { program: 'b.py' }), '');
  });

  it('is what a tool was given, and what it wrote, also where its result is cut', () => {
    const events = [
      item({ kind: 'tool', id: 't', name: 'Bash' }),
      item({ kind: 'tool-input', id: 't', delta: '{"comm' }),
      item({
        kind: 'tool-call',
        id: 't',
        name: 'Bash',
        title: 'make',
        input: { command: 'make\nall', n: 2 },
      }),
      item({ kind: 'tool-output', id: 't', delta: 'one\n' }),
      item({ kind: 'tool-output', id: 'other', delta: 'of another\n' }),
      item({ kind: 'tool-output', id: 't', delta: 'two\nthree\n' }),
      item({ kind: 'text', id: 't', delta: 'said' }),
      item({ kind: 'tool-result', id: 't', outcome: 'done', text: 'one … three' }),
      output('check', 'not of it'),
    ];
    assert.equal(written(events, { tool: 't' }), 'command: make\nall\nn: 2\n\none\ntwo\nthree\n');
    assert.equal(written(events.slice(0, 2), { tool: 't' }), '{"comm\n');
  });
});
