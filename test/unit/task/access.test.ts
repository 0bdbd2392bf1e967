import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessFromEnvironment } from '../../../src/core/task/access.ts';
import { readKeyFile } from '../../../src/core/task/key-file.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

const KEY = 'sk-ant-api03-made-up';
const TOKEN = 'sk-ant-oat01-made-up';

/** That it is refused, and that neither the message nor what to do tells a secret. */
async function assertRefused(attempt: Promise<unknown>, what: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert(error instanceof OffloadError);
    assert.equal(error.code, 'no-access');
    assert.match(error.message, what);
    assert(error.fix !== undefined);
    assert.doesNotMatch(`${error.message} ${error.fix}`, /made-up/);
    return true;
  });
}

describe('access to the model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-access-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const keyFile = (content: string | Buffer, mode = 0o600): string => {
    const path = join(folder, 'key');
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  const environments: [name: string, env: NodeJS.ProcessEnv, access: object][] = [
    ['a key', { ANTHROPIC_API_KEY: KEY }, { provider: 'messages', key: KEY }],
    ['a token', { CLAUDE_CODE_OAUTH_TOKEN: ` ${TOKEN}\n` }, { provider: 'messages', token: TOKEN }],
    [
      'a key before a token',
      { ANTHROPIC_API_KEY: KEY, CLAUDE_CODE_OAUTH_TOKEN: TOKEN },
      { provider: 'messages', key: KEY },
    ],
    [
      'an address that needs no key',
      { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1', ANTHROPIC_API_KEY: '' },
      { provider: 'messages', baseUrl: 'http://127.0.0.1:1' },
    ],
    [
      'an address and a key',
      { ANTHROPIC_BASE_URL: 'https://example.test/v', ANTHROPIC_API_KEY: KEY },
      { provider: 'messages', baseUrl: 'https://example.test/v', key: KEY },
    ],
    [
      'Bedrock',
      { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'eu-west-1', AWS_PROFILE: 'work', ANTHROPIC_API_KEY: KEY },
      { provider: 'bedrock', region: 'eu-west-1', profile: 'work' },
    ],
    [
      'Bedrock at an address of its own, in the default region',
      {
        CLAUDE_CODE_USE_BEDROCK: 'true',
        AWS_DEFAULT_REGION: 'us-gov-west-1',
        ANTHROPIC_BEDROCK_BASE_URL: 'http://127.0.0.1:1',
      },
      { provider: 'bedrock', region: 'us-gov-west-1', baseUrl: 'http://127.0.0.1:1' },
    ],
    [
      'Bedrock that is not wanted',
      { CLAUDE_CODE_USE_BEDROCK: '0', ANTHROPIC_API_KEY: KEY },
      { provider: 'messages', key: KEY },
    ],
  ];
  for (const [name, env, access] of environments) {
    it(`is ${name}, as the environment says`, async () => {
      assert.deepEqual(await accessFromEnvironment(env), access);
    });
  }

  it('is what a file holds, before what the environment holds', async () => {
    const env = { OFFLOAD_KEY_FILE: keyFile(`${KEY}\n`), ANTHROPIC_API_KEY: 'other' };
    assert.deepEqual(await accessFromEnvironment(env), { provider: 'messages', key: KEY });
    keyFile(`${TOKEN}\r\n`, 0o400);
    assert.deepEqual(await accessFromEnvironment(env), { provider: 'messages', token: TOKEN });
  });

  it('is none where nothing says one', async () => {
    for (const env of [{}, { ANTHROPIC_API_KEY: ' ' }, { AWS_REGION: 'eu-west-1', AWS_PROFILE: 'x' }]) {
      await assertRefused(accessFromEnvironment(env), /no key/);
    }
  });

  it('is refused where a variable cannot be what it says', async () => {
    const bedrock = { CLAUDE_CODE_USE_BEDROCK: '1' };
    await assertRefused(accessFromEnvironment({ ANTHROPIC_API_KEY: 'made-up key' }), /ANTHROPIC_API_KEY/);
    await assertRefused(accessFromEnvironment({ CLAUDE_CODE_OAUTH_TOKEN: 'made-up\n\nx' }), /OAUTH_TOKEN/);
    await assertRefused(accessFromEnvironment({ ANTHROPIC_BASE_URL: 'made-up' }), /ANTHROPIC_BASE_URL/);
    await assertRefused(accessFromEnvironment(bedrock), /region/);
    await assertRefused(accessFromEnvironment({ ...bedrock, AWS_REGION: 'made-up' }), /AWS_REGION/);
  });

  it('is refused from a file on which others have rights', async () => {
    for (const mode of [0o640, 0o604, 0o660, 0o610, 0o601, 0o644, 0o777]) {
      await assertRefused(readKeyFile(keyFile(KEY, mode)), /mode \d{3}/);
    }
    symlinkSync(keyFile(KEY, 0o644), join(folder, 'link'));
    await assertRefused(readKeyFile(join(folder, 'link')), /mode 644/);
    await assertRefused(readKeyFile(keyFile(KEY), (process.getuid?.() ?? 0) + 1), /another user/);
  });

  it('is refused from what holds no key', async () => {
    await assertRefused(readKeyFile(join(folder, 'none')), /ENOENT/);
    mkdirSync(join(folder, 'sub'), { mode: 0o700 });
    await assertRefused(readKeyFile(join(folder, 'sub')), /not a file/);
    execFileSync('mkfifo', ['-m', '600', join(folder, 'fifo')]);
    await assertRefused(readKeyFile(join(folder, 'fifo')), /not a file/);
    for (const content of ['', '\n', 'made-up two', 'made-up\nmade-up', Buffer.from([0xff, 0xfe])]) {
      await assertRefused(readKeyFile(keyFile(content)), /one key/);
    }
    await assertRefused(readKeyFile(keyFile('x'.repeat(20_000))), /too large/);
  });
});
