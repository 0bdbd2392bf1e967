import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RelayOptions } from '../../../backend/src/relay/relay.ts';
import { dropped, overloaded, rateLimited } from '../../support/messages-api/failure.ts';
import { toolResults } from '../../support/messages-api/request.ts';
import type { MessagesApiOptions } from '../../support/messages-api/server.ts';
import { after, say, text, thinking, turn, use } from '../../support/messages-api/turn.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { RelayTest } from './fixture.ts';

type Line = Result | { type: 'system' | 'assistant' | 'user'; subtype?: string };

interface Result {
  type: 'result';
  subtype: string;
  is_error: boolean;
  result: string;
  num_turns: number;
  usage: { input_tokens: number; output_tokens: number };
}

describe('Claude Code by the relay', function () {
  let test: RelayTest;
  let program: string;
  before(function () {
    program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
  });
  beforeEach(() => {
    test = new RelayTest();
  });
  afterEach(() => test.dispose());

  /** Runs it in a folder of its own, with no way to the model but the relay's socket and no key. */
  async function ask(script: MessagesApiOptions, options: Partial<RelayOptions> = {}) {
    const side = await test.pair(script, options);
    const workspace = join(test.folder, 'w');
    mkdirSync(workspace);
    const args = [
      '-p',
      'Do it',
      '--output-format',
      'stream-json',
      '--verbose',
      '--dangerously-skip-permissions',
    ];
    const child = spawn(program, args, {
      cwd: workspace,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: '/usr/bin:/bin',
        HOME: mkdtempSync(join(test.folder, 'home-')),
        TMPDIR: mkdtempSync(join(test.folder, 'tmp-')),
        IS_SANDBOX: '1',
        ANTHROPIC_API_KEY: 'placeholder',
        ANTHROPIC_UNIX_SOCKET: side.socket,
        // Without it, it would speak TLS to the socket.
        ANTHROPIC_BASE_URL: 'http://localhost',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
    await new Promise((resolve) => child.once('close', resolve));
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const result = lines.find((line): line is Result => line.type === 'result');
    assert.ok(result, out);
    const retried = lines.filter((line) => 'subtype' in line && line.subtype === 'api_retry').length;
    return { ...side, workspace, result, retried };
  }

  it('thinks, runs commands of which one fails, and ends', async () => {
    const { api, relay, workspace, result } = await ask({
      turns: [
        turn(
          [thinking('First the file.'), text('I write.'), use('Bash', { command: 'echo hello > hello.txt' })],
          {
            usage: { input: 500, output: 50 },
          },
        ),
        [use('Bash', { command: 'cat nothing.txt' }), use('Bash', { command: 'cp hello.txt copy.txt' })],
        say('Done.', { usage: { input: 7, output: 11, cacheRead: 1000 } }),
      ],
    });
    assert.deepEqual(api.unexpected, []);
    assert.deepEqual([result.subtype, result.result], ['success', 'Done.']);
    assert.equal(readFileSync(join(workspace, 'copy.txt'), 'utf8'), 'hello\n');
    const failed = api.bodies.flatMap(toolResults).map((each) => each.failed);
    assert.deepEqual(failed.sort(), [false, false, true]);
    const { inputTokens, outputTokens, cacheReadTokens, requests } = relay.usage;
    assert.deepEqual([inputTokens, outputTokens, cacheReadTokens, requests], [607, 81, 1000, 3]);
  });

  it('asks again by itself after 429, 529 and a dropped connection', async () => {
    const { result, retries, refusals, retried } = await ask({
      turns: [after([rateLimited(0), overloaded(), dropped(3)], say('At last.'))],
    });
    assert.equal(result.result, 'At last.');
    assert.deepEqual([retries.length, retried], [3, 3]);
    assert.deepEqual(refusals, []);
  });

  it('stops at once when the budget is used up', async () => {
    const usage = { input: 20_000 };
    const { api, result, refusals, usages, retried } = await ask(
      { turns: () => turn([use('Bash', { command: 'true' })], { usage }) },
      { budget: { tokens: 60_000 } },
    );
    assert.equal(result.is_error, true);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['budget-reached'],
    );
    assert.deepEqual([api.requests.length, usages.at(-1)?.requests, retried], [3, 3, 0]);
  });

  it('stops at once when the key is not taken', async () => {
    const { api, result, refusals, retried } = await ask({ turns: [say('x')], key: 'another' });
    assert.equal(result.is_error, true);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['no-access'],
    );
    assert.deepEqual([api.requests.length, retried], [1, 0]);
  });

  it('has no way to search the web', async () => {
    const { api, result } = await ask({
      turns: [use('WebSearch', { query: 'stolen' }), say('No search.')],
      replies: [],
    });
    assert.equal(result.result, 'No search.');
    for (const body of api.bodies) {
      assert.ok(!body.tools?.some((tool) => 'type' in tool && String(tool.type).startsWith('web_search')));
    }
    assert.equal(api.bodies.flatMap(toolResults)[0]?.failed, true);
  });
});
