import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { Lines } from '../../../src/cli/lines.ts';
import { Questions, type Answer } from '../../../src/cli/questions.ts';
import { TaskShow } from '../../../src/cli/task-show.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { EventBody } from '../../../src/protocol/event.ts';

class Screen extends PassThrough {
  readonly isTTY: boolean;
  text = '';
  constructor(isTTY: boolean, all: Screen[]) {
    super();
    this.isTTY = isTTY;
    this.on('data', (part: Buffer) => {
      for (const screen of all) screen.text += part.toString();
    });
  }
}

/** A task's output, on two pipes, or on one terminal that shows both. */
function shown(events: EventBody[], options: { terminal?: boolean; questions?: Questions } = {}): Screen[] {
  const { terminal = false, questions } = options;
  const screens: Screen[] = [];
  const out = new Screen(terminal, screens);
  const [stdout, stderr] = terminal ? [out, out] : [out, new Screen(false, [])];
  if (terminal) screens.push(out);
  else
    for (const screen of [stdout, stderr])
      screen.on('data', (part: Buffer) => (screen.text += part.toString()));
  const show = new TaskShow({ stdout, stderr, dim: terminal }, questions);
  events.forEach((event, i) => show.event({ ...event, seq: i + 1, time: 0 }));
  show.end();
  return [stdout, stderr];
}

const item = (what: AgentItem, parent?: string): EventBody => ({
  type: 'agent',
  item: what,
  ...(parent === undefined ? {} : { parent }),
});
const text = (id: string, delta: string, parent?: string): EventBody =>
  item({ kind: 'text', id, delta }, parent);
const thinking = (id: string, delta: string): EventBody => item({ kind: 'thinking', id, delta });
const call = (title: string, parent?: string): EventBody =>
  item({ kind: 'tool-call', id: title, name: 'Tool', title, input: {} }, parent);

describe('what a terminal shows of a task', () => {
  it('is what the agent writes, as it comes and on lines of its own', () => {
    const [out, err] = shown([
      text('1', 'I wi'),
      text('1', 'll.\nSo'),
      call('Run the tests'),
      text('2', 'Done.\n'),
      text('3', 'End'),
      text('s', 'to the agent', 't'),
    ]);
    assert.equal(out?.text, 'I will.\nSo\nDone.\nEnd\n');
    assert.equal(err?.text, 'offload: Run the tests\n');
  });

  it('goes on with a text that others interrupted, where nobody sees both', () => {
    const events = [text('1', 'One '), call('Read', 't'), text('1', 'text.')];
    assert.equal(shown(events)[0]?.text, 'One text.\n');
    assert.equal(shown(events, { terminal: true })[0]?.text, 'One \noffload:   Read\ntext.\n');
  });

  it('is dim where the agent thinks, on a terminal', () => {
    const events = [thinking('1', 'Hm'), thinking('1', '.'), text('2', 'Yes'), thinking('3', 'Hm')];
    assert.deepEqual(
      shown(events).map((screen) => screen.text),
      ['Yes\n', 'Hm.\nHm\n'],
    );
    const dim = (words: string): string => `\u001b[2m${words}\u001b[22m`;
    const [screen] = shown(events, { terminal: true });
    assert.equal(screen?.text, `${dim('Hm')}${dim('.')}\nYes\n${dim('Hm')}\n`);
  });

  it('is a line for each thing that it does and that goes wrong', () => {
    const result = (outcome: 'done' | 'failed' | 'refused', what: string): EventBody =>
      item({ kind: 'tool-result', id: 'x', outcome, text: what });
    const [out, err] = shown([
      item({ kind: 'session', agent: 'Agent 1', model: 'm' }),
      item({ kind: 'tool', id: 'x', name: 'Bash' }),
      item({ kind: 'tool-input', id: 'x', delta: '{' }),
      call('npm test'),
      item({ kind: 'tool-output', id: 'x', delta: 'noise' }),
      result('failed', ' one\ntwo '),
      result('done', 'fine'),
      result('refused', 'no'),
      item({
        kind: 'todos',
        items: [
          { text: 'a', state: 'done' },
          { text: 'b', state: 'active' },
        ],
      }),
      item({ kind: 'retry', attempt: 1, delayMs: 1, reason: 'overloaded' }),
      item({ kind: 'message', id: 'm', text: 'stop that', when: 'now' }),
      { type: 'notice', code: 'cut', message: 'A thing was left out.' },
    ]);
    assert.equal(out?.text, '');
    assert.deepEqual(err?.text.split('\n'), [
      'offload: Agent 1, m',
      'offload: npm test',
      'offload: failed: one\\ntwo',
      'offload: refused: no',
      'offload: 2 of 2: b',
      'offload: The model did not answer (overloaded) and is asked again.',
      'offload: told: stop that',
      'offload: A thing was left out.',
      '',
    ]);
  });

  it("has the programs' output where it belongs, byte for byte", () => {
    const output = (program: string, stream: 'stdout' | 'stderr', what: string): EventBody => ({
      type: 'output',
      stream,
      text: what,
      program,
    });
    const [out, err] = shown([
      text('1', 'Text'),
      output('check', 'stdout', 'ok '),
      output('check', 'stdout', '1'),
      output('a.py', 'stdout', '\u001b[1mmade'),
      output('a.py', 'stderr', 'oh\n'),
      {
        type: 'output',
        stream: 'stdout',
        base64: Buffer.from([0xff, 10]).toString('base64'),
        program: 'a.py',
      },
    ]);
    assert.equal(out?.text.startsWith('Text\n\u001b[1mmade\n'), true);
    assert.equal(err?.text, 'ok 1\noh\n');
  });

  it('commands no terminal, wherever a text is cut', () => {
    const [out] = shown([text('1', 'a\u001b'), text('1', ']52;c;aGk=\u0007b\r'), text('1', '\n\tc\u009b1m')]);
    assert.equal(out?.text, 'a\\u{1b}]52;c;aGk=\\u{7}b\n\tc\\u{9b}1m\n');
    const [, err] = shown([call('x\u001b[2J\ny')]);
    assert.equal(err?.text, 'offload: x\\u{1b}[2J\\ny\n');
  });

  describe('when the agent asks', () => {
    const question = (id: string, more: object = {}): EventBody =>
      item({
        kind: 'question',
        id,
        text: 'Which?',
        options: [{ label: 'Red' }, { label: 'Blue', description: 'the sea' }],
        multiple: false,
        free: false,
        ...more,
      });
    let answers: Answer[];
    let keyboard: PassThrough;
    const asking = (terminal = true): Questions =>
      new Questions({
        answer: (answer) => {
          answers.push(answer);
          return Promise.resolve();
        },
        terminal: terminal ? keyboard : undefined,
      });
    const settled = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    };
    beforeEach(() => {
      answers = [];
      keyboard = new PassThrough();
    });

    it('asks the user, one question at a time, until there is an answer', async () => {
      const screens: Screen[] = [];
      const stderr = new Screen(true, screens);
      screens.push(stderr);
      const show = new TaskShow({ stdout: stderr, stderr, dim: false }, asking());
      const events = [
        question('q1'),
        question('q2', { multiple: true }),
        question('q3', { free: true, options: [] }),
      ];
      events.forEach((event, i) => show.event({ ...event, seq: i + 1, time: 0 }));
      for (const line of ['3', 'green', '2', '1, 2', 'as you like']) {
        keyboard.write(`${line}\n`);
        await settled();
      }
      show.end();
      assert.deepEqual(answers, [
        { id: 'q1', chosen: ['Blue'] },
        { id: 'q2', chosen: ['Red', 'Blue'] },
        { id: 'q3', chosen: [], text: 'as you like' },
      ]);
      assert.deepEqual(stderr.text.split('\n'), [
        'offload: The agent asks: Which?',
        'offload:   1  Red',
        'offload:   2  Blue: the sea',
        'offload: Answer with a number:',
        'offload: That is none of the answers. Answer with a number:',
        'offload: That is none of the answers. Answer with a number:',
        'offload: The agent asks: Which?',
        'offload:   1  Red',
        'offload:   2  Blue: the sea',
        'offload: Answer with numbers, such as 1,2:',
        'offload: The agent asks: Which?',
        'offload: Answer with words of your own:',
        '',
      ]);
    });

    it('asks no more what was answered elsewhere', async () => {
      shownWith(
        asking(),
        [question('q1'), question('q2'), item({ kind: 'answer', id: 'q1', text: 'Red' })],
        true,
      );
      keyboard.write('1\n');
      await settled();
      assert.deepEqual(answers, [{ id: 'q2', chosen: ['Red'] }]);
    });

    it('takes the last question that was asked for what is answered, and no line for two', async () => {
      shownWith(asking(), [question('q1')], true);
      const code = Lines.of(keyboard).next();
      keyboard.write('1\n');
      assert.equal(await code, '1');
      await settled();
      assert.deepEqual(answers, []);
      keyboard.write('2\n');
      await settled();
      assert.deepEqual(answers, [{ id: 'q1', chosen: ['Blue'] }]);
    });

    it('has what is typed at a terminal where nobody asks answer nothing', async () => {
      const terminal = Object.assign(keyboard, { isTTY: true });
      const questions = asking();
      shownWith(questions, [question('q1')], true);
      terminal.write('1\n');
      await settled();
      terminal.write('typed ahead\n');
      await settled();
      const code = Lines.of(terminal).next();
      terminal.write('123456\n');
      assert.equal(await code, '123456');
      questions.end();
      assert(terminal.isPaused(), 'it keeps no process');
    });

    it('lets the agent decide where nobody is there', () => {
      const [, err] = shown([question('q1')], { questions: asking(false) });
      assert.deepEqual([answers[0]?.id, answers[0]?.chosen], ['q1', []]);
      assert.match(answers[0]?.text ?? '', /Nobody is here/);
      assert.match(
        err?.text ?? '',
        /asks: Which\?\n.*Red\n.*Blue: the sea\n.*decides for itself.*offload reply/,
      );
    });

    it('lets the agent decide when the user leaves, or has left', async () => {
      shownWith(asking(), [question('q1'), question('q2')], true);
      keyboard.end();
      await settled();
      shownWith(asking(), [question('q3')], true);
      await settled();
      assert.deepEqual(
        answers.map(({ id, chosen, text = '' }) => [id, chosen, text.slice(0, 14)]),
        ['q1', 'q2', 'q3'].map((id) => [id, [], 'Nobody is here']),
      );
    });

    const shownWith = (questions: Questions, events: EventBody[], open: boolean): void => {
      const stderr = new PassThrough().resume();
      const show = new TaskShow({ stdout: stderr, stderr, dim: false }, questions);
      events.forEach((event, i) => show.event({ ...event, seq: i + 1, time: 0 }));
      if (!open) show.end();
    };
  });
});
