import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installation } from '../../support/cli/installation.ts';
import { listedRuns } from '../../support/cli/listed-runs.ts';
import { PATIENT } from '../../support/cli/patient.ts';
import { start } from '../../support/cli/started.ts';
import { eventually } from '../../support/target/eventually.ts';
import { boxProcesses, servers } from '../../support/target/processes.ts';

describe('interrupting offload run', () => {
  const cli = installation();
  before(() => {
    cli().file('patient.py', PATIENT);
    cli().file('endless.py', "while True: print('line')");
    cli().file('complains.py', "import sys\nwhile True: print('line', file=sys.stderr)");
  });
  const left = () => boxProcesses(cli().folder);
  const list = () => listedRuns(cli());
  /** The state of the run that began last. */
  const lastState = async () => (await list())[0]?.state;

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`by ${signal} cancels it, leaves no process, and keeps what came before`, async () => {
      const run = cli().start(['run', '--out', signal, 'patient.py']);
      await run.shown('first\n');
      assert((await left()).length > 1);
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      assert.deepEqual(await left(), []);
      assert.deepEqual([code, stdout], [130, 'first\n']);
      assert.equal(stderr, 'offload: cancelled\noffload: + made (4 bytes)\n');
      assert(existsSync(join(cli().work, signal, 'made')));
      assert.equal(await lastState(), 'cancelled');
    });
  }

  it('ends the events with the cancellation', async () => {
    const run = cli().start(['run', '--json', 'patient.py']);
    await run.shown('first');
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.match(stdout.trim().split('\n').at(-1) ?? '', /"type":"cancelled"/);
  });

  it('at any moment leaves no run that goes on', async () => {
    for (const wait of [50, 100, 150, 200, 250, 300, 350, 400, 500, 600]) {
      const { child, ended } = cli().start(['run', 'patient.py']);
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill('SIGINT');
      // Before the program listens to signals, the system ends it.
      assert(([130, 'SIGINT'] as unknown[]).includes((await ended).code), JSON.stringify(await ended));
      await eventually(async () => (await left()).length === 0);
    }
  });

  it('leaves at once the second time, when the reader holds up the end', async () => {
    const file = cli().file(
      'much.py',
      "import time; print('x' * 20_000_000); print('done'); time.sleep(600)",
    );
    const { child, ended, shown } = cli().start(['run', file]);
    await shown('x');
    child.stdout?.pause();
    const other = cli().start(['attach', (await list())[0]?.runId ?? '']);
    await other.shown('done\n');
    child.kill('SIGINT');
    assert.equal((await other.ended).code, 130);
    assert.equal((await list())[0]?.state, 'cancelled');
    assert.equal(child.exitCode, null);
    child.kill('SIGINT');
    await once(child, 'exit');
    child.stdout?.resume();
    assert.equal((await ended).code, 130);
  });

  const readers: [name: string, script: string][] = [
    ['a reader that takes one line', '"$@" run endless.py | head -n 1'],
    ['a reader of events that takes one', '"$@" run --json endless.py | head -n 1'],
    ['a reader of standard error that takes one line', '"$@" run complains.py 2>&1 >/dev/null | head -n 1'],
  ];
  for (const [name, script] of readers) {
    it(`by ${name} cancels it`, async () => {
      const text = `${script}; exit "\${PIPESTATUS[0]}"`;
      const args = ['-c', text, 'bash', process.execPath, cli().cli];
      const { code, stdout } = await start('bash', args, { env: cli().env, cwd: cli().work }).ended;
      assert.equal(code, 141);
      assert.match(stdout, /^(line|\{"seq":1,.*\})\n$/);
      assert.deepEqual(await left(), []);
      assert.equal(await lastState(), 'cancelled');
    });
  }

  for (const args of [
    ['--help'],
    ['run', '--help'],
    ['runs'],
    ['runs', '--json'],
    ['doctor'],
    ['doctor', '--json'],
  ]) {
    it(`by a reader that is gone ends offload ${args.join(' ')} quietly`, async () => {
      const { child, ended } = cli().start(args, { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout?.destroy();
      const { code, stderr } = await ended;
      assert.deepEqual([code, stderr], [141, '']);
    });
  }
});

describe('interrupting offload run while its backend starts', () => {
  const cli = installation();

  it('cancels it all the same', async () => {
    const { child, ended } = cli().start(['run', cli().file('patient.py', PATIENT)]);
    await eventually(async () => (await servers(cli().folder)).length > 0);
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
    assert.deepEqual(
      (await listedRuns(cli())).map(({ state }) => state),
      ['cancelled'],
    );
  });
});
