import assert from 'node:assert/strict';
import { Redactor } from '../../../backend/src/redaction/redactor.ts';

const KEY = 'sk-ant-api03-made-up-for-tests-0123456789abcdef';
const TOKEN = 'a+made/up "token" 4 tests';
const GITHUB = `ghp_${'aB3'.repeat(12)}`;
const AWS = 'AKIAIOSFODNN7EXAMPLE';

/** The text, given in pieces that are cut at these places. */
function streamed(redactor: Redactor, text: string, ...cuts: number[]): string {
  const stream = redactor.stream();
  let shown = '';
  let from = 0;
  for (const cut of [...cuts, text.length]) {
    shown += stream.push(text.slice(from, cut));
    from = cut;
  }
  return shown + stream.end();
}

describe('the redactor', () => {
  const redactor = new Redactor([KEY, TOKEN]);

  for (const [what, text, expected] of [
    ['a key', `x-api-key: ${KEY}\n`, 'x-api-key: [redacted]\n'],
    ['a key twice', `${KEY},${KEY}`, '[redacted],[redacted]'],
    ['a key inside of a word', `abc${TOKEN}def`, 'abc[redacted]def'],
    ['a key with more after it', `${KEY}xyz.`, '[redacted]xyz.'],
    ['a key in JSON', JSON.stringify({ TOKEN }), '{"TOKEN":"[redacted]"}'],
    [
      'a key in an address',
      `https://host/?k=${encodeURIComponent(TOKEN)}&x=1`,
      'https://host/?k=[redacted]&x=1',
    ],
    ['a key in base64', `"${Buffer.from(TOKEN).toString('base64')}"`, '"[redacted]"'],
    ['another key of the kind', 'is sk-ant-api03-someone-elses-key.', 'is [redacted].'],
    ['a key of AWS', `id=${AWS};`, 'id=[redacted];'],
    ['a key of GitHub', `(${GITHUB})`, '([redacted])'],
    ['two kinds side by side', `${AWS} ${GITHUB}`, '[redacted] [redacted]'],
    [
      'what is only like a key',
      `AKIAIOSFODNN7EXAMPLES xAKIAIOSFODNN7EXAMPLE ghp_short sk-ant-x sk- A s`,
      undefined,
    ],
    ['the beginning of a key', KEY.slice(0, 12), undefined],
    ['nothing', '', undefined],
    ['words', 'Ask ghosts about an AKI and its sketch.', undefined],
  ] as const) {
    it(`${expected === undefined ? 'leaves' : 'replaces'} ${what}, wherever the text is cut`, () => {
      assert.equal(redactor.redact(text), expected ?? text);
      for (let first = 0; first <= text.length; first += 1) {
        for (let second = first; second <= text.length; second += 1) {
          assert.equal(
            streamed(redactor, text, first, second),
            expected ?? text,
            `${String(first)} ${String(second)}`,
          );
        }
      }
      const letters = Array.from({ length: text.length }, (_, at) => at);
      assert.equal(streamed(redactor, text, ...letters), expected ?? text);
    });
  }

  it('finds a key in longer text that is encoded, at any place in it', () => {
    for (let before = 0; before < 6; before += 1) {
      for (const after of ['', '\n', ' and more']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const text = Buffer.from(`${'x'.repeat(before)}${TOKEN}${after}`).toString(encoding);
          const shown = redactor.redact(text);
          assert.match(shown, /\[redacted\]/);
          // What is left on either side are the characters that a neighbour has a part in.
          const rest = Buffer.from(shown.replace('[redacted]', ''), encoding).toString('latin1');
          assert.ok(!rest.includes(TOKEN.slice(2, 6)) && !rest.includes(TOKEN.slice(-6, -2)));
        }
      }
    }
  });

  it('gives at once what cannot be the beginning of a secret', () => {
    const stream = redactor.stream();
    assert.equal(stream.push('plain words.'), 'plain words.');
    assert.equal(stream.push(' and s'), ' and ');
    assert.equal(stream.push('o on'), 'so on');
    assert.equal(stream.push(` ${KEY.slice(0, 20)}`), ' ');
    assert.equal(stream.push(KEY.slice(20)), '[redacted]');
    assert.equal(stream.end(), '');
  });

  it('shows nothing of a key that does not end', () => {
    const stream = redactor.stream();
    let shown = stream.push('sk-ant-other-');
    for (let pieces = 0; pieces < 1000; pieces += 1) shown += stream.push('abcdefghij');
    shown += stream.push(' and then');
    assert.equal(shown + stream.end(), '[redacted] and then');
  });

  it('has no secret that is too short to be one', () => {
    assert.equal(new Redactor(['', 'abc']).redact('abc abcd'), 'abc abcd');
  });

  it('takes secrets for text, whatever characters they have', () => {
    const odd = '.*+?^${}()|[]\\/-secret';
    assert.equal(new Redactor([odd]).redact(`<${odd}> .secret`), '<[redacted]> .secret');
  });
});
