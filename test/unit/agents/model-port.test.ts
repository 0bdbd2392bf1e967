import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { throughModelPort } from '../../../backend/src/agents/model-port/through-model-port.ts';

const SOURCE = fileURLToPath(new URL('../../../backend/src/loopback/bridge.ts', import.meta.url));

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe("the bridge to the model's port", () => {
  let bridge: string;
  let built: string;
  let folder: string;
  let socket: string;
  let model: Server;
  let port: number;
  const children: ChildProcess[] = [];

  before(async () => {
    // As it is shipped: it runs without the compiler that Node reads TypeScript by.
    built = mkdtempSync(join(tmpdir(), 'b-'));
    bridge = join(built, 'bridge.mjs');
    await build({ entryPoints: [SOURCE], bundle: true, platform: 'node', format: 'esm', outfile: bridge });
  });
  after(() => {
    rmSync(built, { recursive: true });
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'b-'));
    socket = join(folder, 's');
    model = createServer((request, response) => {
      void text(request).then((body) => {
        response.write(`${request.url ?? ''} `);
        response.end(body);
      });
    }).listen(socket);
    await once(model, 'listening');
    port = await freePort();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    model.close();
    model.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  /** Starts the bridge with Node as the agent, which runs this script. */
  const start = (script: string, env: Record<string, string> = {}) => {
    const agent = { argv: [process.execPath, '-e', script], env, readOnly: [] };
    const { argv } = throughModelPort({ ...agent, modelPort: port }, socket, bridge);
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { env, stdio: 'pipe' });
    children.push(child);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    return { child, ended, said: text(child.stdout), complaint: text(child.stderr) };
  };

  it('leads to the socket, as many times and as much as an agent likes', async () => {
    const { said, ended } = start(`
      const body = 'x'.repeat(3_000_000);
      const ask = async (n) => (await (await fetch('http://127.0.0.1:${String(port)}/' + n, { method: 'POST', body })).text()).length;
      Promise.all([1, 2, 3, 4].map(ask)).then((lengths) => console.log(lengths.join()));`);
    assert.equal(await said, '3000003,3000003,3000003,3000003\n');
    assert.deepEqual(await ended, [0, null]);
  });

  it('leaves the agent its input and output, and ends as it ends', async () => {
    const { child, said, complaint, ended } = start(
      `process.stdin.on('data', (data) => process.stdout.write(data)).on('end', () => { console.error('bad'); process.exitCode = 7; })`,
    );
    child.stdin.end('to and fro');
    assert.equal(await said, 'to and fro');
    assert.equal(await complaint, 'bad\n');
    assert.deepEqual(await ended, [7, null]);
  });

  it('passes signals on, and tells by which the agent ended', async () => {
    const taking = start(
      `process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log('up')`,
    );
    await once(taking.child.stdout, 'readable');
    taking.child.kill('SIGTERM');
    assert.deepEqual(await taking.ended, [5, null]);
    port = await freePort();
    const dying = start(`process.kill(process.pid, 'SIGKILL')`);
    assert.deepEqual(await dying.ended, [128 + 9, null]);
  });

  it('cuts a connection where the relay cuts it, and the other way round', async () => {
    model.removeAllListeners('request');
    const arrived = new Promise<void>((resolve) => {
      model.on('request', (request, response) => {
        if (request.url === '/cut') response.destroy();
        else {
          response.write('begun');
          response.on('close', resolve);
        }
      });
    });
    const { child, ended } = start(`setInterval(() => {}, 1000); console.log('up')`);
    await once(child.stdout, 'readable');
    const address = `http://127.0.0.1:${String(port)}`;
    await assert.rejects(fetch(`${address}/cut`));
    const leaving = new AbortController();
    await fetch(`${address}/leave`, { signal: leaving.signal });
    leaving.abort();
    await arrived;
    child.kill();
    await ended;
  });

  it('refuses where nobody is at the socket, and stays', async () => {
    model.close();
    await once(model, 'close');
    const { said, ended } = start(
      `fetch('http://127.0.0.1:${String(port)}/').catch(() => console.log('refused'))`,
    );
    assert.equal(await said, 'refused\n');
    assert.deepEqual(await ended, [0, null]);
  });

  it('listens on the loopback interface alone', async () => {
    const { child, ended } = start(`setInterval(() => {}, 1000); console.log('up')`);
    await once(child.stdout, 'readable');
    const other = connect(port, '127.0.0.2');
    await assert.rejects(once(other, 'connect'), { code: 'ECONNREFUSED' });
    child.kill();
    await ended;
  });

  it('starts no agent where the port is taken, and says so', async () => {
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const { said, complaint, ended } = start(`console.log('started')`);
    assert.equal(await said, '');
    assert.match(await complaint, /EADDRINUSE/);
    const [code] = await ended;
    assert.equal(code, 1);
    taken.close();
  });

  it('says where the agent cannot be started', async () => {
    const { argv } = throughModelPort(
      { argv: ['/nowhere/agent'], env: {}, readOnly: [], modelPort: port },
      socket,
      bridge,
    );
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { stdio: 'pipe' });
    children.push(child);
    const ended = once(child, 'exit');
    assert.match(await text(child.stderr), /\/nowhere\/agent cannot be started/);
    assert.deepEqual(await ended, [127, null]);
  });

  it('is not there for an agent that needs none, and has what it needs bound for one that does', () => {
    const command = { argv: ['agent', 'x'], env: { A: '1' }, readOnly: ['/agent'] };
    assert.equal(throughModelPort(command, socket, bridge), command);
    const started = throughModelPort({ ...command, modelPort: 1 }, socket, bridge);
    assert.deepEqual(started.argv.slice(-6), [bridge, '1', socket, '--', 'agent', 'x']);
    assert.deepEqual(started.env, { A: '1' });
    const [, ...bound] = started.readOnly;
    assert.equal(bound.at(-1), bridge);
    assert(bound.some((path) => started.argv[0]?.startsWith(path)) || started.argv[0]?.startsWith('/usr/'));
  });
});
