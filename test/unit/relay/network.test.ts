import assert from 'node:assert/strict';
import { say } from '../../support/messages-api/turn.ts';
import { errorOf, question, RelayTest, send } from './fixture.ts';

const atAddress = { type: 'image', source: { type: 'url', url: 'https://example.com/?stolen' } };
const ownTool = { name: 'Write', input_schema: { type: 'object' } };

const OUTWARD: [what: string, body: Record<string, unknown>][] = [
  ['a search of the web', { tools: [ownTool, { type: 'web_search_20250305', name: 'web_search' }] }],
  ['a fetch', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }],
  ['code that the provider runs', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }],
  ['a tool of a kind that nobody knows', { tools: [{ type: 'send_mail_20270101', name: 'mail' }] }],
  ['tool servers', { mcp_servers: [{ type: 'url', url: 'https://example.com/mcp', name: 'x' }] }],
  ['a container', { container: 'c' }],
  ['a picture at an address', { messages: [{ role: 'user', content: [atAddress] }] }],
  [
    'a picture at an address in the result of a tool',
    {
      messages: [
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [atAddress] }] },
      ],
    },
  ],
  [
    'a document at an address',
    { messages: [{ role: 'user', content: [{ ...atAddress, type: 'document' }] }] },
  ],
  [
    'a picture in a document',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'document', source: { type: 'content', content: [atAddress] } }],
        },
      ],
    },
  ],
  [
    'a tool that is added later',
    { messages: [{ role: 'system', content: [{ tools: [{ type: 'web_fetch_1' }] }] }] },
  ],
];

describe('a closed network', () => {
  let test: RelayTest;
  beforeEach(() => {
    test = new RelayTest();
  });
  afterEach(() => test.dispose());

  for (const [what, part] of OUTWARD) {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
      it(`has no way out by ${what} (${path})`, async () => {
        const { socket, api } = await test.pair({ turns: [say('x')] });
        const answer = await send(socket, { path, body: question(part) });
        assert.equal(answer.status, 403);
        assert.equal(errorOf(answer).type, 'permission_error');
        assert.match(errorOf(answer).message, /^The network of this run is not open/);
        assert.equal(api.requests.length, 0);
      });
    }

    it(`has no way out by ${what} where the network is held to a list`, async () => {
      const { socket, api } = await test.pair({ turns: [say('x')] }, { network: { allow: ['example.org'] } });
      assert.equal((await send(socket, { body: question(part) })).status, 403);
      assert.equal(api.requests.length, 0);
    });

    it(`lets ${what} pass where the network is open`, async () => {
      const { socket, api } = await test.pair({ turns: [say('x')] }, { network: 'open' });
      assert.equal((await send(socket, { body: question(part) })).status, 200);
      assert.equal(api.requests.length, 1);
    });
  }

  it('lets the tools of the agent itself pass, and addresses in what they are given', async () => {
    const { socket } = await test.pair({ turns: () => say('x') });
    const body = question({
      tools: [
        ownTool,
        { type: 'custom', ...ownTool },
        { type: 'bash_20250124', name: 'bash' },
        { type: 'text_editor_20250728', name: 'edit' },
        { type: 'tool_search_tool_regex_20251119', name: 'search' },
      ],
      mcp_servers: [],
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', data: 'AAAA' } }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'Write', input: atAddress }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'done' }] },
      ],
    });
    assert.equal((await send(socket, { body })).status, 200);
  });
});
