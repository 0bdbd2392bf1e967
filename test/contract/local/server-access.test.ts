import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { publicAddress } from '../../../src/core/local/address.ts';
import { readBackendBuild } from '../../../src/core/local/backend-build.ts';
import { LocalTransport } from '../../../src/core/local/local-transport.ts';
import { RemoteSandbox } from '../../../src/core/remote-sandbox.ts';
import { endProcessesOf } from '../../../scripts/setup/processes.mjs';
import { localTarget, shortFolder, type LocalTarget } from '../../support/target/local-target.ts';
import { servers } from '../../support/target/processes.ts';
import { run, succeeded } from '../../support/target/run.ts';
import { skip } from '../../support/reporting/skip.ts';
import { targetOf } from '../../support/target/target.ts';

describe('the local server: who may speak with it', () => {
  const target = targetOf(() => localTarget());

  interface Answer {
    status: number | undefined;
    body: string;
  }
  const post = async (options: {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
  }): Promise<Answer> => {
    const { id } = await readBackendBuild(target().backend);
    const call = httpRequest({
      socketPath: publicAddress(target().folders.runtime, id),
      method: options.method ?? 'POST',
      path: '/',
      headers: options.headers ?? {},
    });
    call.end(options.body ?? JSON.stringify({ kind: 'environment', version: 1 }));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
    return { status: response.statusCode, body };
  };
  const token = (): string => readFileSync(join(target().folders.runtime, 'token'), 'utf8').trim();
  const authorization = (): Record<string, string> => ({ authorization: `Bearer ${token()}` });

  it('nobody without the token', async () => {
    assert.equal((await post({ headers: authorization() })).status, 200);
    for (const wrong of [
      '',
      'Bearer ',
      'Bearer wrong',
      `Bearer ${token()}x`,
      `Bearer ${token().slice(1)}`,
      token(),
    ]) {
      const { status, body } = await post({ headers: wrong === '' ? {} : { authorization: wrong } });
      assert.equal(status, 401, wrong);
      assert.partialDeepStrictEqual(JSON.parse(body), { type: 'error', error: { code: 'unauthorized' } });
      assert(!body.includes(token()));
    }
  });

  it('no page of a browser, even with the token', async () => {
    const { status } = await post({ headers: { ...authorization(), origin: 'http://localhost' } });
    assert.equal(status, 401);
  });

  it('nobody who says what is no request', async () => {
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '"run"',
      '{}',
      '{"kind":"run"}',
      '{"kind":"dance","version":1}',
    ]) {
      const { status, body: answer } = await post({ headers: authorization(), body });
      assert.equal(status, 400, body);
      assert.partialDeepStrictEqual(JSON.parse(answer), { type: 'error', error: { code: 'bad-request' } });
    }
    assert.equal((await post({ method: 'GET', headers: authorization() })).status, 400);
    assert.equal((await post({ method: 'PUT', headers: authorization() })).status, 400);
    succeeded(await run(target(), 'bash', 'true'));
  });

  it('nobody else of this machine: its folders and files are closed', () => {
    const { runtime, state } = target().folders;
    assert.equal(statSync(runtime).mode & 0o777, 0o700);
    assert.equal(statSync(join(runtime, 'token')).mode & 0o777, 0o600);
    assert.equal(statSync(join(state, 'runs')).mode & 0o777, 0o700);
    assert.equal(statSync(join(state, 'server.log')).mode & 0o777, 0o600);
    assert.match(token(), /^[0-9a-f]{64}$/);
  });

  it('says nothing of its token in its arguments or its log', async () => {
    const [server] = await servers(target().folder);
    assert(server !== undefined && !server.command.includes(token()));
    assert(!readFileSync(join(target().folders.state, 'server.log'), 'utf8').includes(token()));
  });
});

describe('the local server: where it is started', () => {
  let base: string;
  let sandboxes: RemoteSandbox[];

  beforeEach(() => {
    base = shortFolder();
    sandboxes = [];
  });
  afterEach(async () => {
    for (const sandbox of sandboxes) sandbox.dispose();
    await endProcessesOf(base);
    rmSync(base, { recursive: true, force: true });
  });

  const sandboxIn = (
    target: Pick<LocalTarget, 'backend'>,
    runtime: string,
    state = join(base, 's'),
  ): RemoteSandbox => {
    const sandbox = new RemoteSandbox(
      new LocalTransport({ backendFolder: target.backend, folders: { runtime, state }, quietSeconds: 5 }),
    );
    sandboxes.push(sandbox);
    return sandbox;
  };
  const target = targetOf(() => localTarget());
  const runtime = (): string => join(base, 'r');
  const serves = async (sandbox: RemoteSandbox): Promise<void> => {
    succeeded(await run({ ...target(), sandbox }, 'bash', 'true'));
  };

  it("not in another user's folder", async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can give a folder away');
    mkdirSync(runtime());
    chownSync(runtime(), 65534, 65534);
    await assert.rejects(sandboxIn(target(), runtime()).environment(), {
      code: 'no-backend',
      message: /belongs to another user/,
      fix: /XDG_RUNTIME_DIR/,
    });
    assert.deepEqual(readdirSync(runtime()), []);
  });

  it('not where a link or a file stands', async () => {
    mkdirSync(join(base, 'elsewhere'));
    symlinkSync(join(base, 'elsewhere'), runtime());
    await assert.rejects(sandboxIn(target(), runtime()).environment(), { code: 'no-backend' });
    assert.deepEqual(readdirSync(join(base, 'elsewhere')), []);
    writeFileSync(join(base, 'file'), '');
    await assert.rejects(sandboxIn(target(), join(base, 'file')).environment(), { code: 'no-backend' });
  });

  it('in a folder that was open to others, which it closes', async () => {
    mkdirSync(runtime());
    chmodSync(runtime(), 0o777);
    await serves(sandboxIn(target(), runtime()));
    assert.equal(statSync(runtime()).mode & 0o777, 0o700);
  });

  for (const [what, leave] of [
    ['a link to nothing', (address: string) => symlinkSync('nothing', address)],
    ['a file', (address: string) => writeFileSync(address, 'no socket')],
  ] as const) {
    it(`where ${what} stands in the place of its socket`, async () => {
      const { id } = await readBackendBuild(target().backend);
      const address = publicAddress(runtime(), id);
      mkdirSync(runtime(), { mode: 0o700 });
      leave(address);
      await serves(sandboxIn(target(), runtime()));
      assert(lstatSync(address).isSymbolicLink());
    });
  }

  it('where a socket is left that nobody listens on', async () => {
    const { id } = await readBackendBuild(target().backend);
    const first = sandboxIn(target(), runtime());
    await serves(first);
    const [server] = await servers(base);
    assert(server !== undefined);
    process.kill(server.pid, 'SIGKILL');
    assert(existsSync(publicAddress(runtime(), id)));
    await serves(first);
    await serves(sandboxIn(target(), runtime()));
  });

  it('not where its socket would have too long a path, which is said', async () => {
    const long = join(base, 'x'.repeat(100));
    await assert.rejects(sandboxIn(target(), long).environment(), {
      code: 'no-backend',
      message: /too long/,
      fix: /XDG_RUNTIME_DIR/,
    });
  });

  it('not where the state folder cannot be made, which is said', async () => {
    writeFileSync(join(base, 'file'), '');
    await assert.rejects(sandboxIn(target(), runtime(), join(base, 'file', 's')).environment(), {
      code: 'no-backend',
      message: /file\/s/,
      fix: /XDG_STATE_HOME/,
    });
  });

  it('not without a backend, which is said', async () => {
    await assert.rejects(sandboxIn({ backend: join(base, 'nothing') }, runtime()).environment(), {
      code: 'no-backend',
      message: /There is no backend in/,
    });
    mkdirSync(join(base, 'broken'));
    writeFileSync(join(base, 'broken', 'build.json'), '{"build":"../../x"}');
    await assert.rejects(sandboxIn({ backend: join(base, 'broken') }, runtime()).environment(), {
      code: 'no-backend',
      message: /There is no backend in/,
    });
    writeFileSync(join(base, 'broken', 'build.json'), '{"build":"1.0.0-x"}');
    writeFileSync(join(base, 'broken', 'server.mjs'), 'throw new Error("broken on purpose")');
    await assert.rejects(sandboxIn({ backend: join(base, 'broken') }, runtime()).environment(), {
      code: 'no-backend',
      message: /broken on purpose/,
    });
  });
});

describe('the local server: folders with names that a shell would take apart', () => {
  const name = `a $(touch planted) 'b' "c" ;& é`;
  const target = targetOf(() => localTarget({ inside: name }));

  it('are folders like others', async () => {
    const outcome = succeeded(await run(target(), 'bash', 'echo made > made; pwd'));
    assert.equal(outcome.stdout, '/workspace\n');
    const hash = outcome.changes[0]?.hash ?? '';
    assert.equal((await target().sandbox.readBlob(outcome.runId, hash)).toString(), 'made\n');
    assert(!existsSync('planted') && !readdirSync(join(target().folder, '..')).includes('planted'));
  });
});
