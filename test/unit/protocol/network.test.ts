import assert from 'node:assert/strict';
import { isOpen, networkSchema, networkText, parseNetwork } from '../../../src/protocol/network.ts';

describe('a network as people write it', () => {
  for (const [text, network] of [
    ['closed', 'closed'],
    [' Open ', 'open'],
    ['', 'closed'],
    [' , ', 'closed'],
    ['example.org', { allow: ['example.org'] }],
    ['Example.ORG., example.org', { allow: ['example.org'] }],
    ['a.example,*.b.example:8443  c.example', { allow: ['a.example', '*.b.example:8443', 'c.example'] }],
    ['*.B.example', { allow: ['*.b.example'] }],
    ['bücher.example:81', { allow: ['xn--bcher-kva.example:81'] }],
    ['8.8.8.8', { allow: ['8.8.8.8'] }],
    ['0x8080808:53', { allow: ['8.8.8.8:53'] }],
    ['[2606:4700::1111]:443', { allow: ['[2606:4700::1111]:443'] }],
  ] as const) {
    it(`is understood: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseNetwork(text), network);
      assert(networkSchema.safeParse(network).success);
    });
  }

  for (const text of [
    ...[
      'opne',
      'half',
      'localhost',
      'example',
      '*',
      '*.*.example',
      'a.*.example',
      '*example.org',
      'open,closed',
    ],
    ...['open,example.org', 'https://example.org', 'example.org/path', 'user@example.org', 'example.org:'],
    ...[
      'example.org:0',
      'example.org:65536',
      'example.org:080',
      'example.org:http',
      'a..example',
      '.example.org',
    ],
    ...['1.2.3.4.5', '*.1.2.3.4', '2606:4700::1111', '[::ffff:8.8.8.8]'],
    ...['ex ample.org\u0000', 'a%2eexample', 'a\\b.example', 'a#b.example', `${'a.'.repeat(130)}example`],
    Array.from({ length: 300 }, (_, n) => `a${String(n)}.example`).join(),
  ]) {
    it(`is refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.equal(parseNetwork(text), undefined);
    });
  }

  it('is written as it is read, an empty list as closed', () => {
    for (const text of ['closed', 'open', 'a.example, *.b.example:8443'])
      assert.equal(networkText(parseNetwork(text) ?? 'closed'), text);
    assert.equal(networkText({ allow: [] }), 'closed');
    assert.deepEqual([{ allow: [] }, 'closed' as const].map(isOpen), [false, false]);
    assert.deepEqual([{ allow: ['a.example'] }, 'open' as const].map(isOpen), [true, true]);
  });
});

describe('a network in a request', () => {
  for (const network of [
    ...['half', '', 'OPEN', true, null, [], ['example.org'], {}, { allow: 'example.org' }],
    ...[{ allow: ['Example.org'] }, { allow: ['example.org.'] }, { allow: [7] }, { allow: [], deny: [] }],
    ...[
      { allow: ['bücher.example'] },
      { allow: ['2130706433'] },
      { allow: ['0x7f.1'] },
      { allow: ['127.1'] },
      { allow: ['a.example b.example'] },
    ],
  ]) {
    it(`is refused: ${JSON.stringify(network)}`, () => {
      assert(!networkSchema.safeParse(network).success);
    });
  }
});
