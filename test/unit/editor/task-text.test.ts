import assert from 'node:assert/strict';
import { TaskText } from '../../../src/editor/terminal/task-text.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { EventBody } from '../../../src/protocol/event.ts';

// eslint-disable-next-line no-control-regex
const plain = (text: string) => text.replace(/\x1b\[[0-9;?]*[a-z]/g, '').replaceAll('\r\n', '\n');

const raw = (events: readonly EventBody[], title = 'do it'): string => {
  const text = new TaskText({ title });
  return events.map((body, i) => text.of({ ...body, seq: i + 1, time: 0 })).join('');
};
const agent = (item: AgentItem, parent?: string): EventBody => ({
  type: 'agent',
  item,
  ...(parent === undefined ? {} : { parent }),
});
const shown = (...items: AgentItem[]) => plain(raw(items.map((item) => agent(item))));

describe('a task in the terminal', () => {
  it('has what the agent writes as it comes, each text on lines of its own', () => {
    const text = shown(
      { kind: 'text', id: 'a', delta: 'Look' },
      { kind: 'text', id: 'a', delta: 'ing.\nThen' },
      { kind: 'text', id: 'b', delta: 'Done.' },
      { kind: 'tool-call', id: 't', name: 'Bash', title: 'npm test', input: {} },
    );
    assert.equal(text, 'Looking.\nThen\nDone.\n● npm test\n');
  });

  it('has a line for each tool use, and what one says that failed', () => {
    const text = shown(
      { kind: 'tool', id: 't', name: 'Bash' },
      { kind: 'tool-input', id: 't', delta: '{"comm' },
      { kind: 'tool-call', id: 't', name: 'Bash', title: '', input: {} },
      { kind: 'tool-result', id: 't', outcome: 'done', text: 'secret details' },
      { kind: 'tool-call', id: 'u', name: 'Edit', title: 'Edit a.ts', input: {} },
      { kind: 'tool-result', id: 'u', outcome: 'refused', text: 'no\nnever' },
    );
    assert.equal(text, '● Bash\n● Edit a.ts\n  refused: no\n  never\n');
  });

  it('cuts what a failed tool says', () => {
    const text = shown({ kind: 'tool-result', id: 't', outcome: 'failed', text: 'line\n'.repeat(100) });
    assert.equal(text.split('\n').filter((line) => line.includes('line')).length, 6);
    assert.match(text, / {2}…\n$/);
  });

  it('leaves out what a sub-agent writes, and sets its tools in', () => {
    const text = plain(
      raw([
        agent({ kind: 'text', id: 'a', delta: 'inner' }, 'p'),
        agent({ kind: 'tool-call', id: 't', name: 'Read', title: 'Read b.ts', input: {} }, 'p'),
      ]),
    );
    assert.equal(text, '  ↳ ● Read b.ts\n');
  });

  it('shows a question with its options, the answer, a message, and that the model is asked again', () => {
    const text = shown(
      {
        kind: 'question',
        id: 'q',
        text: 'Which?',
        options: [{ label: 'One', description: 'the first' }, { label: 'Two' }],
        multiple: false,
        free: true,
      },
      { kind: 'answer', id: 'q', text: 'Two' },
      { kind: 'message', id: 'm', text: 'also this', when: 'now' },
      { kind: 'retry', attempt: 2, delayMs: 1, reason: '429' },
    );
    assert.equal(
      text,
      '? Which?\n  ○ One: the first\n  ○ Two\n↩ Two\n▸ also this\n! The model is asked again (2): 429\n',
    );
  });

  it('shows a list of things to do when it changes, not when it is said again', () => {
    const list = (state: 'pending' | 'done'): AgentItem => ({ kind: 'todos', items: [{ text: 'a', state }] });
    assert.equal(shown(list('pending'), list('pending'), list('done')), '  ☐ a\n  ☑ a\n');
  });

  it('has the output of the check and of each program under their names', () => {
    const output = (program: string, text: string): EventBody => ({
      ...{ type: 'output', stream: 'stdout', program, text },
    });
    const text = plain(
      raw([
        output('check', '2 passed\n'),
        { type: 'check', command: 'npm test', passed: true, exitCode: 0 },
        output('a.py', '42'),
        { type: 'execution', path: 'a.py', language: 'python', exitCode: 1 },
      ]),
    );
    assert.match(
      text,
      /▶ check\n2 passed\n✓ The check passed: npm test\n▶ a\.py\n42\n✗ a\.py: exit code 1\n$/,
    );
  });

  it('begins with the prompt where its title is not all of it', () => {
    const prompt = (text: string) => agent({ kind: 'message', id: 'prompt', text, when: 'now' });
    assert.equal(plain(raw([prompt('first\nsecond')], 'first')), '│ first\n│ second\n');
    assert.equal(plain(raw([prompt('first')], 'first')), '');
    const long = plain(raw([prompt('line\n'.repeat(1000))], 'line'));
    assert.equal(long.split('\n').length, 22);
  });

  it('lets nothing act on the terminal', () => {
    const evil = '\x1b]52;c;QQ==\x07\x1b[2J\u202etxt.exe\x9b31m';
    const text = raw([
      agent({ kind: 'text', id: 'a', delta: evil }),
      agent({ kind: 'tool-call', id: 't', name: evil, title: evil, input: {} }),
      agent({ kind: 'tool-result', id: 't', outcome: 'failed', text: evil }),
      agent({ kind: 'session', agent: evil, model: evil }),
      { type: 'execution', path: evil, language: 'x', exitCode: 0 },
      { type: 'notice', code: 'x', message: evil },
    ]);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(text, /\x1b\]|\x1b\[2J|\x07|\u202e|\x9b/);
  });
});
