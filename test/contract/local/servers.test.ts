import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicAddress } from '../../../src/core/local/address.ts';
import { exchange, keptConnections } from '../../../src/core/local/exchange.ts';
import { LocalTransport } from '../../../src/core/local/local-transport.ts';
import { readToken } from '../../../src/core/local/private-folder.ts';
import { RemoteSandbox } from '../../../src/core/remote-sandbox.ts';
import { startedRun } from '../behaviour/started-run.ts';
import { eventually } from '../../support/target/eventually.ts';
import { localTarget, type LocalTarget } from '../../support/target/local-target.ts';
import { servers } from '../../support/target/processes.ts';
import { outcome, run, submit, succeeded, request } from '../../support/target/run.ts';

describe('local servers beside each other', () => {
  let target: LocalTarget;
  let sandboxes: RemoteSandbox[];

  beforeEach(async () => {
    sandboxes = [];
    target = await localTarget({ quietSeconds: 3 });
  });
  afterEach(async () => {
    for (const sandbox of sandboxes) sandbox.dispose();
    await target.dispose();
  });

  /** A copy of the backend that says it is another build, and a client that comes with it. */
  const build = (id: string): RemoteSandbox => {
    const folder = join(target.folder, id);
    if (!existsSync(folder)) cpSync(target.backend, folder, { recursive: true });
    writeFileSync(join(folder, 'build.json'), JSON.stringify({ build: id }));
    const sandbox = new RemoteSandbox(
      new LocalTransport({ backendFolder: folder, folders: target.folders, quietSeconds: 3 }),
    );
    sandboxes.push(sandbox);
    return sandbox;
  };
  const ownBuild = (): string =>
    (JSON.parse(readFileSync(join(target.backend, 'build.json'), 'utf8')) as { build: string }).build;
  const buildsRunning = async (): Promise<string[]> =>
    (await servers(target.folder)).map(({ command }) => / --build (\S+)/.exec(command)?.[1] ?? '').sort();

  it('start at once and both work: each finds the runs of the other', async () => {
    process.kill(target.pid, 'SIGTERM');
    await eventually(async () => (await servers(target.folder)).length === 0);
    const clients = Array.from({ length: 4 }, () => target.client());
    const runs = await Promise.all(
      clients.map((sandbox) => startedRun({ ...target, sandbox }, 'bash', 'echo a; sleep 60')),
    );
    for (const { runId } of runs) {
      for (const sandbox of clients) {
        assert.equal((await sandbox.runs()).find((each) => each.runId === runId)?.state, 'running');
        for await (const event of sandbox.attach(runId, 0)) {
          assert.partialDeepStrictEqual(event, { seq: 1, type: 'phase', runId });
          break;
        }
      }
    }
    for (const [index, { runId, rest }] of runs.entries()) {
      const other = clients[(index + 1) % clients.length];
      assert.equal((await other?.cancel(runId))?.type, 'cancelled');
      assert.equal((await rest).at(-1)?.type, 'cancelled');
    }
    // Those that nobody finds end by themselves.
    await eventually(async () => (await servers(target.folder)).length === 0);
  });

  it('of a newer build take over: the older one takes no new runs, finishes its own and ends', async () => {
    const old = await startedRun(target, 'bash', 'echo first; sleep 2; echo second');
    const newer = build('99.0.0-newer');
    assert.equal((await newer.environment()).build, '99.0.0-newer');
    const late = request(target, 'bash', 'echo late');
    const fromOld = succeeded(await submit(target, late));
    assert.equal(fromOld.stdout, 'late\n');
    assert.equal((await target.sandbox.environment()).build, '99.0.0-newer');
    const viaNewer = succeeded(await outcome(old.runId, newer.attach(old.runId, 0)));
    assert.equal(viaNewer.stdout, 'first\nsecond\n');
    assert.deepEqual([...old.events, ...(await old.rest)], viaNewer.events);
    await eventually(async () => !(await buildsRunning()).includes(ownBuild()));
    assert.deepEqual(await buildsRunning(), ['99.0.0-newer']);
  });

  it('of a newer build are used by older clients that come later', async () => {
    const newer = build('99.0.0-newer');
    await newer.environment();
    await eventually(async () => !(await buildsRunning()).includes(ownBuild()));
    const later = target.client();
    assert.equal((await later.environment()).build, '99.0.0-newer');
    const { runId } = succeeded(await run({ ...target, sandbox: later }, 'bash', 'true'));
    assert((await newer.runs()).some((each) => each.runId === runId));
    assert.deepEqual(await buildsRunning(), ['99.0.0-newer']);
  });

  it('of an older build take over from none, and use the newer one', async () => {
    const older = build('0.0.1-older');
    assert.equal((await older.environment()).build, ownBuild());
    assert.deepEqual(await buildsRunning(), [ownBuild()]);
  });

  it('of the same version with other contents each serve their own client, in turn', async () => {
    const version = ownBuild().split('-')[0] ?? '';
    const one = build(`${version}-aaaaaaaa`);
    const two = build(`${version}-bbbbbbbb`);
    for (let i = 0; i < 3; i++) {
      for (const sandbox of [one, two, target.sandbox])
        succeeded(await run({ ...target, sandbox }, 'bash', 'true'));
    }
    // As when each was started at the same moment and has sent the other into retirement.
    const agent = keptConnections();
    for (const id of [`${version}-aaaaaaaa`, `${version}-bbbbbbbb`]) {
      const peer = {
        address: publicAddress(target.folders.runtime, id),
        token: await readToken(target.folders.runtime),
        agent,
      };
      for await (const _ of exchange(peer, { kind: 'retire', version: 1 }, undefined));
    }
    agent.destroy();
    for (const sandbox of [one, two]) succeeded(await run({ ...target, sandbox }, 'bash', 'true'));
  });

  it('end when nobody has needed them for a while, and leave journals and nothing else', async () => {
    const { runId, events } = succeeded(await run(target, 'bash', 'echo kept > kept'));
    await eventually(async () => (await servers(target.folder)).length === 0);
    const { runtime, state } = target.folders;
    assert.deepEqual(
      readdirSync(runtime).filter((name) => !name.endsWith('.sock')),
      ['token'],
    );
    assert.deepEqual(readdirSync(join(state, 'boxes')), []);
    // The next one knows the run.
    assert.deepEqual((await outcome(runId, target.sandbox.attach(runId, 0))).events, events);
  });

  it('do not end while a run goes on, although nobody follows it', async () => {
    const started = await startedRun(target, 'bash', 'echo first; sleep 5; echo second');
    started.leave();
    target.sandbox.dispose();
    const stateOf = (): string =>
      readFileSync(join(target.folders.state, 'runs', started.runId, 'journal.jsonl'), 'utf8');
    await eventually(() => stateOf().includes('completed'));
    assert.match(stateOf(), /second/);
  });
});
