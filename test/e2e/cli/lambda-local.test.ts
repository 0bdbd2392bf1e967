import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { hasEnded, treeOf } from '../../../backend/src/isolation/process-tree.ts';
import { installCli, type Installation } from '../../support/cli/installation.ts';
import { outputOf, post, program, told } from '../../support/cli/invocation.ts';
import type { Started } from '../../support/cli/started.ts';
import { skip } from '../../support/reporting/skip.ts';
import { eventually } from '../../support/target/eventually.ts';
import { boxProcesses } from '../../support/target/processes.ts';

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

/** The processes of an endpoint, as soon as the program runs that it was given. */
async function theRunOf({ child }: Started): Promise<number[]> {
  let all: number[] = [];
  await eventually(() => {
    all = treeOf(child.pid ?? 0);
    return all.some((pid) => /python3? .*main\.py/.test(commandOf(pid)));
  });
  return all;
}

describe('offload lambda-local', () => {
  let installed: Installation;
  const cli = (): Installation => installed;
  let served: Started;
  let url: string;

  /** Serves on a free port. */
  async function serve(...args: string[]): Promise<{ served: Started; url: string }> {
    const started = cli().start(['lambda-local', '--port', '0', ...args]);
    let address = '';
    started.child.stdout?.on('data', (part: Buffer) => (address += part.toString()));
    await started.shown('/invocations\n');
    return { served: started, url: address.trim() };
  }
  const left = () => boxProcesses(cli().folder);

  before(async () => {
    installed = installCli();
    ({ served, url } = await serve());
  });
  after(async () => {
    served.child.kill('SIGINT');
    await served.ended;
    // Which finds what is left.
    await installed.remove();
  });

  it("answers a request as a whole, at the emulator's address on this machine alone", async () => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/2015-03-31\/functions\/function\/invocations$/);
    const reply = await post(url, program("print('out'); open('made', 'w').write('text')"));
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['x-amz-function-error'], undefined);
    const events = told(reply);
    assert.equal(outputOf(reply), 'out\n');
    const change = events.find(({ type }) => type === 'change');
    assert.deepEqual([change?.['path'], change?.['operation']], ['made', 'create']);
    const last = events.at(-1);
    assert.deepEqual([last?.type, last?.['exitCode']], ['completed', 0]);
  });

  it('is called with curl', function () {
    if (spawnSync('curl', ['--version']).status !== 0) skip(this, 'curl is not installed');
    const body = JSON.stringify({ kind: 'environment', version: 1 });
    const text = execFileSync('curl', ['-sS', '--noproxy', '*', '-XPOST', url, '-d', body], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    const { build, capabilities } = JSON.parse(text) as {
      build: string;
      capabilities: { network: string[]; isolation: { kind: string } };
    };
    const { build: own } = JSON.parse(readFileSync(join(cli().folder, 'd/backend/build.json'), 'utf8')) as {
      build: string;
    };
    assert.equal(build, own);
    assert.deepEqual([capabilities.network, capabilities.isolation.kind], [['closed'], 'bubblewrap']);
  });

  it('runs code in a box, without what is on this machine', async () => {
    const secret = join(cli().env['HOME'] ?? '', 'secret');
    writeFileSync(secret, 'secret');
    const reply = await post(
      url,
      program(`
import os, socket
print(os.path.exists(${JSON.stringify(secret)}), os.path.exists(${JSON.stringify(cli().folder)}), os.getuid())
print(sorted(name for name in os.environ if 'LAMBDA' in name or 'OFFLOAD' in name or 'ANTHROPIC' in name))
try:
    socket.create_connection(('127.0.0.1', ${new URL(url).port}), 5)
except OSError as error:
    print(type(error).__name__)
`),
    );
    assert.equal(outputOf(reply), 'False False 1000\n[]\nConnectionRefusedError\n');
    const open = await post(url, program('print(1)', { network: 'open' }));
    assert.match(open.text, /"not-supported"/);
  });

  it('carries out several requests at once, and the next ones after them', async () => {
    const replies = await Promise.all(
      [1, 2, 3].map((n) => post(url, program(`import time; time.sleep(0.5); print(${String(n)})`))),
    );
    assert.deepEqual(replies.map(outputOf), ['1\n', '2\n', '3\n']);
    assert.equal(outputOf(await post(url, program('print(4)'))), '4\n');
  });

  it('lets a run be followed from another request, and cancelled by a third', async () => {
    const long = program("print('begun', flush=True); import time; time.sleep(600)") as { runId: string };
    const about = (kind: string, more: object = {}) =>
      post(url, { kind, version: 1, runId: long.runId, ...more });
    const first = post(url, long);
    const listed = async (): Promise<unknown> =>
      told(await post(url, { kind: 'runs', version: 1 })).find(({ runId }) => runId === long.runId)?.[
        'state'
      ];
    await eventually(async () => (await listed()) === 'running');
    const second = about('attach', { after: 0 });
    await theRunOf(served);
    assert.match((await about('cancel')).text, /"cancelled"/);
    const [own, other] = [await first, await second];
    assert.equal(outputOf(own), 'begun\n');
    assert.deepEqual(told(own), told(other));
    assert.equal(told(own).at(-1)?.type, 'cancelled');
    assert.equal(await listed(), 'cancelled');
  });

  it('gives the contents of what a run has made, and the run again to whoever sends it again', async () => {
    const wish = program("open('made', 'w').write('text')") as { runId: string };
    const reply = await post(url, wish);
    const hash = told(reply).find(({ type }) => type === 'change')?.['hash'];
    const content = told(await post(url, { kind: 'blob', version: 1, runId: wish.runId, hash }));
    assert.equal(Buffer.from(String(content[0]?.['base64']), 'base64').toString(), 'text');
    assert.deepEqual(told(await post(url, wish)), told(reply));
  });

  it('keeps what belongs to runs for its user alone, and until it ends', async () => {
    const temporary = join(cli().folder, 'tmp');
    mkdirSync(temporary, { mode: 0o711 });
    cli().env['TMPDIR'] = temporary;
    try {
      const other = await serve();
      assert.equal(outputOf(await post(other.url, program('print(1)'))), '1\n');
      const [store = '', ...more] = readdirSync(temporary).filter((name) => !name.startsWith('lambda-'));
      assert.deepEqual(more, []);
      assert.equal(statSync(join(temporary, store)).mode & 0o777, 0o700);
      assert(readdirSync(join(temporary, store)).includes('runs'));
      other.served.child.kill('SIGINT');
      await other.served.ended;
      assert.deepEqual(readdirSync(temporary), []);
    } finally {
      delete cli().env['TMPDIR'];
    }
  });

  it('names what is wrong with a request', async () => {
    assert.match((await post(url, { kind: 'nothing' })).text, /"bad-request"/);
    assert.match((await post(url, program('x', { language: 'cobol' }))).text, /"unknown-language"/);
    assert.deepEqual(
      [(await post(url, '{')).status, (await post(url, 'x'.repeat(7 * 2 ** 20))).status],
      [400, 413],
    );
    const base = new URL(url).origin;
    for (const path of [
      '/',
      '/2015-03-31/functions/other/invocations',
      '/2018-06-01/runtime/invocation/next',
    ]) {
      assert.equal((await post(base + path, '{}')).status, 404, path);
    }
    const streaming = '/2021-11-15/functions/function/response-streaming-invocations';
    assert.equal((await post(base + streaming, '{}')).status, 404);
  });

  const strangers: [name: string, headers: OutgoingHttpHeaders][] = [
    ['a web page', { origin: 'http://example.test' }],
    ['a page of another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', { origin: 'null' }],
    ['a picture of a page', { 'sec-fetch-site': 'cross-site' }],
    ['a name that was made to lead here', { host: 'rebound.example.test' }],
    ['that name, with the port', { host: 'rebound.example.test:9000' }],
    ['this machine at another port', { host: '127.0.0.1:1' }],
  ];
  for (const [name, headers] of strangers) {
    it(`refuses ${name}`, async () => {
      const { status, text } = await post(url, { kind: 'environment', version: 1 }, headers);
      assert.equal(status, 403);
      assert.doesNotMatch(text, /capabilities/);
    });
  }

  it('refuses another user of this machine', function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can be another user');
    const call = `fetch(${JSON.stringify(url)}, {method: 'POST', body: '{"kind":"environment","version":1}'})
      .then(async (reply) => console.log(reply.status, await reply.text()))`;
    const asUser = (uid: number): string =>
      execFileSync(process.execPath, ['-e', call], { uid, cwd: '/', env: {}, encoding: 'utf8' });
    assert.match(asUser(0), /^200 .*capabilities/);
    assert.match(asUser(65_534), /^403 .*Only the user/);
  });

  it('ends what runs, and leaves nothing, when it is interrupted', async () => {
    const before = (await left()).map(({ pid }) => pid);
    const other = await serve();
    const reply = post(other.url, program('import time; time.sleep(600)')).catch((error: unknown) => error);
    const running = await theRunOf(other.served);
    other.served.child.kill('SIGINT');
    assert.equal((await other.served.ended).code, 0);
    assert.doesNotMatch(JSON.stringify(await reply), /completed/);
    await eventually(async () => (await left()).every(({ pid }) => before.includes(pid)));
    await eventually(() => running.every(hasEnded));
  });

  it('is outlived by nothing when it is killed', async () => {
    const before = (await left()).map(({ pid }) => pid);
    const other = await serve();
    const reply = post(other.url, program('import time; time.sleep(600)')).catch((error: unknown) => error);
    const running = await theRunOf(other.served);
    other.served.child.kill('SIGKILL');
    await once(other.served.child, 'exit');
    await reply;
    await eventually(async () => (await left()).every(({ pid }) => before.includes(pid)));
    await eventually(() => running.every(hasEnded));
  });

  it('says what happens, and that there is no key', async () => {
    const other = await serve('--timeout', '30');
    let said = '';
    other.served.child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
    await post(other.url, { kind: 'environment', version: 1 });
    await eventually(() => Promise.resolve(said.includes('END RequestId')));
    other.served.child.kill('SIGTERM');
    const { code, stderr } = await other.served.ended;
    assert.equal(code, 0);
    assert.match(stderr, /no key for the model.*ANTHROPIC_API_KEY/);
    assert.match(stderr, /curl http:\/\/127\.0\.0\.1/);
    assert.match(stderr, /^START RequestId: .*\nEND RequestId: /m);
  });

  it('ends a request that takes longer than it may', async () => {
    const other = await serve('--timeout', '4');
    const { text } = await post(other.url, program('import time; time.sleep(600)'));
    assert.match(text, /"timeout"/);
    other.served.child.kill('SIGINT');
    await other.served.ended;
  });

  it('refuses options that it cannot have', async () => {
    const { port } = new URL(url);
    const cases: [args: string[], why: RegExp][] = [
      [['--port', port], /Port \d+ cannot be listened on: another program has it.*--port/],
      [['--port', '65536'], /--port.*65535/],
      [['--timeout', '901'], /--timeout.*900/],
      [['--agent-program', 'none'], /none is not a program/],
      [['more'], /options only/],
    ];
    for (const [args, why] of cases) {
      const { code, stdout, stderr } = await cli().run(['lambda-local', ...args]);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, why);
    }
  });
});
