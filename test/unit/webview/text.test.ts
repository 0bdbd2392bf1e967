import assert from 'node:assert/strict';
import type { ToolBlock } from '../../../webview/state/block.ts';
import { elapsed, SILENCE, silentSince } from '../../../webview/state/alive.ts';
import { ansiSegments } from '../../../webview/text/ansi.ts';
import { runnableLanguage } from '../../../webview/text/fence-language.ts';
import { toolInput } from '../../../webview/text/tool-input.ts';
import { visible } from '../../../webview/text/visible.ts';
import { clock, dollars, short, usageWords } from '../../../webview/text/words.ts';
import { USAGE } from '../../support/chat/script.ts';

describe('what cannot be seen', () => {
  it('is named: direction, zero width, tags, fillers, controls, separators', () => {
    assert.equal(
      visible('a\u202eb\u2066c\u200bd\ufeffe\u{e0041}f\u3164g\u0007h\u2028i\u00adj\rk'),
      'a⟨U+202E⟩b⟨U+2066⟩c⟨U+200B⟩d⟨U+FEFF⟩e⟨U+E0041⟩f⟨U+3164⟩g⟨U+0007⟩h⟨U+2028⟩i⟨U+00AD⟩j⟨U+000D⟩k',
    );
  });

  it('leaves what can: letters of any script, tabs, line feeds, emoji', () => {
    const text = 'Grüße\t日本語\nعربي ⚠️ 👩‍💻 ✅';
    assert.equal(visible(text), text);
  });
});

describe('output of programs', () => {
  const plain = (output: string) =>
    ansiSegments(output)
      .map(({ text }) => text)
      .join('');

  it('has the looks that its sequences say', () => {
    assert.deepEqual(
      ansiSegments('a\u001b[1;31mb\u001b[22mc\u001b[0md\u001b[38;5;12me\u001b[38;2;1;2;3mf\u001b[mg'),
      [
        { text: 'a', look: '' },
        { text: 'b', look: 'ansi-bold ansi-1' },
        { text: 'c', look: 'ansi-1' },
        { text: 'd', look: '' },
        // A colour of its own could not be read in every theme, and is not taken.
        { text: 'ef', look: 'ansi-12' },
        { text: 'g', look: '' },
      ],
    );
  });

  for (const [what, output, shown] of [
    ['a clipboard write', 'a\u001b]52;c;ZXZpbA==\u0007b', 'ab'],
    ['a link', '\u001b]8;;https://e.example\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a title', '\u001b]0;title\u0007x', 'x'],
    ['a device query', 'a\u001b[c\u001b[6nb', 'ab'],
    ['moves and clearing', 'a\u001b[2J\u001b[1;1Hb\u001b[?1049hc', 'abc'],
    ['an unfinished sequence of its own line alone', 'a\u001b]never ended\nb', 'a\nb'],
    ['bells and backspaces', 'a\u0007b\u0008c', 'abc'],
    ['a progress bar', '10%\r50%\r100%\ndone\r\n', '100%\ndone\n'],
    ['HTML', '<img src=x>', '<img src=x>'],
  ] as const) {
    it(`is text, whatever is in it: ${what}`, () => {
      assert.equal(plain(output), shown);
    });
  }
});

describe('words of the chat', () => {
  it('names languages that can be run as people name them', () => {
    const names = [
      'python',
      'py',
      'python3',
      'js',
      'TypeScript',
      'sh',
      'shell',
      'bash title="x"',
      'rust',
      'constructor',
      '',
    ];
    assert.deepEqual(
      names.map((name) => runnableLanguage(name)?.id),
      [
        'python',
        'python',
        'python',
        'javascript',
        'typescript',
        'bash',
        'bash',
        'bash',
        undefined,
        undefined,
        undefined,
      ],
    );
  });

  it('says numbers shortly', () => {
    assert.deepEqual([0, 999, 1000, 12_345, 99_949, 123_456, 1_234_567].map(short), [
      '0',
      '999',
      '1.0k',
      '12.3k',
      '99.9k',
      '123k',
      '1.2M',
    ]);
    assert.deepEqual([0, 0.0031, 0.42, 12.5].map(dollars), ['$0.00', '$0.0031', '$0.42', '$12.50']);
    assert.deepEqual([7000, 750_000, 3_750_000, -5].map(clock), ['0:07', '12:30', '1:02:30', '0:00']);
  });

  it('says what models took, and that a price is not known', () => {
    assert.equal(usageWords(USAGE.model).short, '4 turns · 31.0k tokens · $0.09');
    const { usd: _, ...unpriced } = USAGE.model;
    assert.equal(usageWords(unpriced).short, '4 turns · 31.0k tokens');
    assert.match(usageWords(unpriced).long, /the price is not known/);
  });

  it('shows the parts of a tool’s input, and cuts long ones', () => {
    const block = { hasInput: true, forming: '' };
    const parts = (input: unknown) => toolInput({ ...block, input } as ToolBlock);
    assert.deepEqual(parts({ command: 'ls', n: 2, list: ['a'] }), [
      { name: 'command', text: 'ls', isCut: false },
      { name: 'n', text: '2', isCut: false },
      { name: 'list', text: '[\n  "a"\n]', isCut: false },
    ]);
    assert.deepEqual(parts('plain'), [{ name: 'Input', text: 'plain', isCut: false }]);
    assert.deepEqual(parts(undefined), []);
    const [long] = parts({ content: 'x'.repeat(50_000) });
    assert.match(long?.text ?? '', /… 30,000 more characters$/);
    assert.equal(long?.isCut, true);
  });
});

describe('signs of life', () => {
  it('are missed after a while', () => {
    assert.equal(silentSince(1000, 1000 + SILENCE), undefined);
    assert.equal(silentSince(1000, 1001 + SILENCE), 1000);
    assert.equal(silentSince(undefined, 10 ** 9), undefined);
  });

  it('let the clock go on between events, and stop it at the end', () => {
    const run = { startedAt: 100_000, lastAt: 103_000, end: undefined };
    assert.equal(elapsed(run, 5000, 7000), 5000);
    assert.equal(elapsed({ ...run, end: {} }, 5000, 7000), 3000);
    assert.equal(elapsed({ ...run, startedAt: undefined }, 5000, 7000), 0);
  });
});
