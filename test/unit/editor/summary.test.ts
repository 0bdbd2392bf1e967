import assert from 'node:assert/strict';
import { INITIAL_STATE, type RunState } from '../../../src/core/run/state.ts';
import { gapLine, heading, lostLine, outcomeText, summary } from '../../../src/editor/terminal/summary.ts';
import { noticeLine } from '../../../src/editor/terminal/paint.ts';
import type { EventBody, TerminalEvent } from '../../../src/protocol/event.ts';

const usage = { wallMs: 1240, outputBytes: 0 };
const model = {
  ...{ turns: 3, requests: 4, inputTokens: 300, outputTokens: 2000, usd: 0.1234 },
  ...{ cacheReadTokens: 9000, cacheWriteTokens: 1000 },
};
type End = Extract<EventBody, { type: TerminalEvent['type'] }>;
const ended = (end: End, changes = 0): RunState => ({
  ...INITIAL_STATE,
  changes: Array.from({ length: changes }, (_, i) => ({
    ...{
      type: 'change',
      seq: i + 1,
      time: 0,
      path: `f${String(i)}`,
      operation: 'create',
      mode: 0o644,
      size: 0,
    },
  })),
  end: { ...end, seq: changes + 1, time: 0 },
});

// eslint-disable-next-line no-control-regex
const plain = (text: string) => text.replace(/\x1b\[[0-9;?]*[a-z]/g, '');

describe('what the terminal says of a run', () => {
  it('tells about what it cost where that is known', () => {
    const state = ended({ type: 'completed', usage: { ...usage, wallMs: 60_000, model } });
    assert.match(
      plain(summary(state, 0.12)),
      /Done after 1 min 00 s · 3 turns · .* · \$0\.12 · about \$0\.002 on AWS/,
    );
    assert.doesNotMatch(plain(summary(state)), /AWS/);
  });

  for (const [end, changes, text] of [
    [{ type: 'completed', exitCode: 0, usage }, 0, '✓ Exited with code 0 after 1.2 s'],
    [{ type: 'completed', usage }, 0, '✓ Done after 1.2 s'],
    [{ type: 'completed', verified: true, usage }, 0, '✓ Done and verified after 1.2 s'],
    [{ type: 'completed', verified: false, usage }, 0, '✗ Done after 1.2 s, but its check failed'],
    [
      { type: 'cancelled', usage: { ...usage, model } },
      0,
      '■ Cancelled after 1.2 s · 3 turns · 12.3k tokens · $0.12',
    ],
    [
      { type: 'completed', exitCode: 3, usage },
      1,
      '✗ Exited with code 3 after 1.2 s · 1 file changed · Review Changes · Fix This in Sandbox',
    ],
    [
      { type: 'completed', signal: 'SIGSEGV', usage },
      0,
      '✗ Ended by SIGSEGV after 1.2 s · Fix This in Sandbox',
    ],
    [{ type: 'cancelled', usage }, 2, '■ Cancelled after 1.2 s · 2 files changed · Review Changes'],
    [
      { type: 'failed', usage, error: { code: 'timeout', message: 'It took too long.', fix: 'Raise it.' } },
      0,
      '✗ It took too long. (after 1.2 s)\r\n  Raise it.',
    ],
  ] as const) {
    it(`at its end: ${text.replace('\r\n', ' ')}`, () => {
      assert.equal(plain(summary(ended(end, changes))), `\r\n${text}\r\n`);
    });
  }

  it('begins each of our lines without the colours of the program', () => {
    for (const line of [
      heading('a.py', []),
      noticeLine('n'),
      gapLine(1),
      summary(ended({ type: 'cancelled', usage })),
      lostLine('x', undefined),
    ]) {
      assert.match(line, /^\x1b\[0m/); // eslint-disable-line no-control-regex
    }
  });

  it('shows nothing that a title or a message could smuggle in', () => {
    const evil = 'a\x1b]52;c;AAAA\x07\u202eb\u009b6n';
    // eslint-disable-next-line no-control-regex
    const smuggled = /\x1b[^[]|\x07|\u202e|\u009b/;
    assert.doesNotMatch(heading(evil, [evil]), smuggled);
    assert.doesNotMatch(noticeLine(evil), smuggled);
    assert.doesNotMatch(lostLine(evil, evil), smuggled);
    assert.doesNotMatch(
      summary(ended({ type: 'failed', usage, error: { code: 'x', message: evil, fix: evil } })),
      smuggled,
    );
  });

  it('says how much of the output is not shown, and where it is', () => {
    assert.equal(
      plain(gapLine(12_345_678)),
      '\r\n… about 12.3 MB of output left out here · Open Full Output\r\n',
    );
  });

  it('names the outcome for messages', () => {
    assert.equal(
      outcomeText(ended({ type: 'completed', exitCode: 0, usage })),
      'Exited with code 0 after 1.2 s',
    );
    assert.equal(outcomeText(INITIAL_STATE), 'Still running');
  });
});
