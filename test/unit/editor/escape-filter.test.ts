import assert from 'node:assert/strict';
import { EscapeFilter } from '../../../src/editor/terminal/escape-filter.ts';

const ESC = '\x1b';
const filtered = (text: string) => new EscapeFilter().push(text);

describe('the filter of terminal escapes', () => {
  for (const [what, text] of [
    ['plain text, tabs and lines', 'a\tb\r\nc é 日本 😀'],
    ['colours', `${ESC}[1;38;5;208mhot${ESC}[0m`],
    ['colours with colons', `${ESC}[38:2::10:20:30mx${ESC}[m`],
    ['a progress bar', `50%\r${ESC}[2K${ESC}[1A100%\b\b`],
    ['moving and erasing', `${ESC}[H${ESC}[2J${ESC}[10;5f${ESC}7${ESC}8`],
    ['hiding the cursor', `${ESC}[?25l…${ESC}[?25h`],
    ['a link to the web', `${ESC}]8;;https://example.org/a?b=c${ESC}\\here${ESC}]8;;${ESC}\\`],
  ] as const) {
    it(`lets through ${what}`, () => {
      assert.equal(filtered(text), text);
    });
  }

  for (const [what, text] of [
    ['the clipboard (OSC 52)', `${ESC}]52;c;AAAA\x07`],
    ['the clipboard, ended by ST', `${ESC}]52;c;AAAA${ESC}\\`],
    ['a title', `${ESC}]0;you are root\x07${ESC}]2;x${ESC}\\`],
    ['shell integration marks', `${ESC}]633;E;rm -rf ~\x07${ESC}]133;A\x07`],
    ['a query of the device', `${ESC}[c${ESC}[>c${ESC}[6n${ESC}[?6n${ESC}[>q${ESC}[18t`],
    ['a query of the colours', `${ESC}]11;?\x07${ESC}]4;1;?\x07`],
    ['a query by DCS', `${ESC}P$qm${ESC}\\${ESC}P+q544e${ESC}\\`],
    ['APC, PM and SOS', `${ESC}_secret${ESC}\\${ESC}^x${ESC}\\${ESC}Xy${ESC}\\`],
    ['another screen and mouse reports', `${ESC}[?1049h${ESC}[?1000h${ESC}[?2004h${ESC}[>4;2m${ESC}[>1u`],
    ['a reset and other character sets', `${ESC}c${ESC}(0${ESC}#8${ESC}=${ESC}N`],
    ['window operations', `${ESC}[8;1;1t${ESC}[3;0;0t`],
    ['a scroll region', `${ESC}[1;2r`],
    ['control characters', '\x00\x05\x07\x0e\x0f\x7f'],
  ] as const) {
    it(`takes out ${what}`, () => {
      assert.equal(filtered(`<${text}>`), '<>');
    });
  }

  it('makes text of sequences in eight bits, which a terminal would obey', () => {
    assert.equal(filtered('\u009d52;c;AAAA\u009cx\u009b6n'), '52;c;AAAAx6n');
  });

  for (const address of [
    'file:///etc/passwd',
    'vscode://x/y',
    'command:workbench.action.quit',
    'javascript:alert(1)',
    'https://exa mple.org',
    `https://example.org/${'a'.repeat(3000)}`,
  ]) {
    it(`makes no link to ${address.slice(0, 40)}`, () => {
      const shown = filtered(`${ESC}]8;;${address}${ESC}\\here${ESC}]8;;${ESC}\\`);
      assert.equal(shown.replaceAll(`${ESC}]8;;${ESC}\\`, ''), 'here');
    });
  }

  it('comes to the same wherever the output is cut', () => {
    const text = [
      `a${ESC}[31mred${ESC}[0m${ESC}]52;c;QUJD\x07b${ESC}]8;;https://example.org${ESC}\\l${ESC}]8;;${ESC}\\`,
      `${ESC}P1$r0m${ESC}\\${ESC}[?1049h${ESC}(B${ESC}[6nc\u009dx\x07é😀`,
    ].join('\n');
    const whole = filtered(text);
    assert.match(whole, /a.*red.*b/);
    for (let first = 0; first <= text.length; first++) {
      const filter = new EscapeFilter();
      assert.equal(
        filter.push(text.slice(0, first)) + filter.push(text.slice(first)),
        whole,
        `cut at ${first}`,
      );
    }
    const filter = new EscapeFilter();
    assert.equal(
      text.replace(/[^]/g, (char) => filter.push(char)),
      whole,
    );
  });

  it('loses no more than a line to an OSC without an end', () => {
    assert.equal(filtered(`before${ESC}]0;never ended\nafter`), 'before\nafter');
  });

  it('loses a bounded piece to a DCS without an end', () => {
    const filter = new EscapeFilter();
    let shown = filter.push(`${ESC}P`);
    for (let i = 0; i < 40; i++) shown += filter.push(`${'x'.repeat(64 * 1024)}\n`);
    shown += filter.push('after');
    assert.match(shown, /after$/);
    assert.ok(shown.length > 1024 * 1024, 'what comes after a mebibyte is text again');
  });

  it('gives up on a CSI that is too long, and shows what follows', () => {
    assert.equal(filtered(`${ESC}[${'1;'.repeat(1000)}mx`), 'x');
  });

  it('begins again where a sequence is broken off by another or by a character that has no place in it', () => {
    assert.equal(filtered(`${ESC}[3${ESC}[31mx`), `${ESC}[31mx`);
    assert.equal(filtered(`${ESC}[3\nx`), '\nx');
    assert.equal(filtered(`${ESC}éx`), 'éx');
    assert.equal(filtered(`${ESC}${ESC}[31mx`), `${ESC}[31mx`);
  });
});
