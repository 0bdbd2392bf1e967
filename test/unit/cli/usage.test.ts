import assert from 'node:assert/strict';
import { exitCodeOf } from '../../../src/cli/follow-run.ts';
import { oneLine } from '../../../src/cli/say.ts';
import { parse, Usage, wholeNumber } from '../../../src/cli/usage.ts';
import { INITIAL_STATE } from '../../../src/core/run/state.ts';

describe('a whole number of a command line', () => {
  const number = (text?: string) => wholeNumber(text, '--n', 2, 20);

  it('is one in its range, or is not there', () => {
    assert.deepEqual(['2', '7', '007', '20'].map(number), [2, 7, 7, 20]);
    assert.equal(number(), undefined);
  });

  for (const text of [
    '1',
    '21',
    '',
    ' ',
    ' 7',
    '7 ',
    '+7',
    '-7',
    '7.0',
    '1e1',
    '0x10',
    '٧',
    'NaN',
    'Infinity',
    '7\n',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => number(text), {
        name: 'Usage',
        message: `--n takes a whole number from 2 to 20, not "${text}"`,
      });
    });
  }
});

describe('a command line that cannot be understood', () => {
  const options = { json: { type: 'boolean' }, file: { type: 'string' } } as const;

  it('is said in one sentence, with the cause kept', () => {
    for (const args of [['--nope'], ['--json=x'], ['--file'], ['--file', '--json'], ['-x'], ['more']]) {
      assert.throws(
        () => parse({ args, options }),
        (error) =>
          error instanceof Usage && /^[^.\n]+$/.test(error.message) && error.cause instanceof TypeError,
        args.join(' '),
      );
    }
  });
});

describe('what offload says', () => {
  it('stays on its line and commands no terminal', () => {
    assert.equal(
      oneLine('a\nb\r\tc\x1b[2J\x07\x7f\x9b\u2028\u202e\ud800'),
      String.raw`a\nb\r\tc\u{1b}[2J\u{7}\u{7f}\u{9b}\u{2028}\u{202e}\u{d800}`,
    );
  });

  it('keeps what people write', () => {
    const text = 'C:\\x "q" \'é€😀 日本';
    assert.equal(oneLine(text), text);
  });
});

describe('the exit code', () => {
  it('is a failure for a run without an end, or one that died of a signal nobody named a code for', () => {
    const usage = { wallMs: 1, outputBytes: 0 };
    const end = { type: 'completed', seq: 1, time: 1, usage, signal: 'SIGKILL' } as const;
    assert.equal(exitCodeOf(INITIAL_STATE), 1);
    assert.equal(exitCodeOf({ ...INITIAL_STATE, end }), 1);
  });
});
