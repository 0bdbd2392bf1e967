import assert from 'node:assert/strict';
import { parseToolServers } from '../../../src/core/task/tool-servers.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

describe('servers of tools', () => {
  it('are read as agents write them down', () => {
    const text = JSON.stringify({
      mcpServers: {
        one: { command: 'npx', args: ['x'], env: { A: 'b' }, disabled: false },
        two: { type: 'stdio', command: '/bin/two' },
      },
      other: 1,
    });
    assert.deepEqual(parseToolServers(text, 'f'), {
      one: { command: 'npx', args: ['x'], env: { A: 'b' } },
      two: { command: '/bin/two', args: [], env: {} },
    });
    assert.deepEqual(parseToolServers('{"mcpServers":{}}', 'f'), {});
  });

  const refused: [name: string, text: string, why: RegExp][] = [
    ['no JSON', '{', /not JSON/],
    ['something else', '[]', /f does not name/],
    ['no servers', '{}', /mcpServers/],
    ['one without a command', '{"mcpServers":{"a":{}}}', /"a" is no command/],
    ['one on the network', '{"mcpServers":{"a":{"type":"http","url":"http://x"}}}', /"a" is no command/],
    [
      'an argument that is no text',
      '{"mcpServers":{"a":{"command":"x","args":[1]}}}',
      /mcpServers\.a\.args\.0/,
    ],
    ['a name that is none', '{"mcpServers":{"a b":{"command":"x"}}}', /a b/],
    ['an empty command', '{"mcpServers":{"a":{"command":""}}}', /a\.command/],
  ];
  for (const [name, text, why] of refused) {
    it(`are refused from ${name}`, () => {
      assert.throws(
        () => parseToolServers(text, 'f'),
        (error) => {
          assert(error instanceof OffloadError);
          assert.equal(error.code, 'bad-request');
          assert.match(error.message, why);
          return true;
        },
      );
    });
  }
});
