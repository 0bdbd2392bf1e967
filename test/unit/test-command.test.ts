import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runTier } from '../support/reporting/run-tier.ts';
import { skip } from '../support/reporting/skip.ts';
import { tiers } from '../support/reporting/tiers.ts';
import { eventually } from '../support/target/eventually.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Runs the test command over a project of test/fixtures/test-command. */
function runTests(project: string, ...args: string[]) {
  return runTiers(project, ['unit', ...args]);
}

function runTiers(project: string, args: string[], env: Record<string, string> = {}) {
  const { status, stdout } = spawnSync(
    process.execPath,
    [path('../run.ts'), '--root', path(`../fixtures/test-command/${project}`), ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, OFFLOAD_TEST_ALL: '', ...env, OFFLOAD_SECRET_OF_THE_USER: 'made up' },
    },
  );
  return { status, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

describe('the test command', () => {
  it('sums up and ends with 0 when no test fails, and prints why tests were skipped', () => {
    const { status, stdout, lastLine } = runTests('passing');
    assert.equal(lastLine, '2 passed, 0 failed, 3 skipped');
    assert.match(stdout, /skipped, no such tool:\n {2}unit › skipping › one test\n/);
    assert.match(
      stdout,
      /skipped, no such machine:\n {2}unit › skipping › a suite › its first\n {2}unit › skipping › a suite › its second\n/,
    );
    assert.equal(status, 0);
  });

  it('fails on a failing test, and says why once more at its end', () => {
    const { status, stdout, lastLine } = runTests('failing');
    assert.match(
      stdout,
      /\nfailed: unit › [^\n]+\n {2}Error: broken\n[^]*\n1 passed, 1 failed, 0 skipped\n$/,
    );
    assert.equal(lastLine, '1 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('counts a failing hook and every test that it keeps from running', () => {
    const { status, lastLine } = runTests('failing-hook');
    assert.equal(lastLine, '0 passed, 3 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('fails on a skip without a reason', () => {
    const { status, stdout, lastLine } = runTests('silent-skip');
    assert.match(stdout, /Skipped without a reason/);
    assert.equal(lastLine, '1 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('keeps what came before a crash and fails', () => {
    const { status, stdout, lastLine } = runTests('crashing');
    assert.match(stdout, /crashed before its end \(exit 3\)/);
    assert.equal(lastLine, '1 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('ends a tier that hangs, and keeps what came before', async () => {
    const [tier] = tiers(path('../fixtures/test-command/hanging'), ['unit']);
    assert(tier);
    let shown = '';
    const output = {
      write: (chunk: string | Uint8Array) => void (shown += String(chunk)),
      end: () => undefined,
    };
    const interruption = new AbortController().signal;
    const results = await runTier(tier, { grep: '', interruption, output, silenceLimit: 10_000 });
    assert.deepEqual(results, [
      { type: 'pass', title: 'a suite › ends' },
      { type: 'fail', title: 'unit', message: 'was ended: no test of it ended for 10 s' },
    ]);
    assert.match(shown, /unit: was ended/);
  });

  it('fails on a file that cannot be loaded', () => {
    const { status, lastLine } = runTests('not-loading');
    assert.equal(lastLine, '0 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('fails when no test ran', () => {
    const { status, stdout, lastLine } = runTests('passing', '--grep', 'nothing is called so');
    assert.match(stdout, /No test ran/);
    assert.equal(lastLine, '0 passed, 0 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('does not fail where all that there is cannot run, and has said why', () => {
    const { status, stdout, lastLine } = runTests('passing', '--grep', 'one test');
    assert.match(stdout, /skipped, no such tool:/);
    assert.equal(lastLine, '0 passed, 0 failed, 1 skipped');
    assert.equal(status, 0);
  });

  it('runs the tests that --grep names', () => {
    const { status, lastLine } = runTests('failing', '--grep', 'is well');
    assert.equal(lastLine, '1 passed, 0 failed, 0 skipped');
    assert.equal(status, 0);
  });

  it('finds and ends a process that a test left behind', function () {
    if (process.platform !== 'linux') skip(this, 'processes are found through /proc, which is Linux alone');
    const { status, stdout, lastLine } = runTests('leaking');
    const pid = /left processes behind:\s+(\d+) sleep 1234/.exec(stdout)?.[1];
    assert.ok(pid !== undefined, stdout);
    // Gone for a process that has ended, also while nobody has taken notice of its end.
    assert.equal(existsSync(`/proc/${pid}/exe`), false);
    assert.equal(lastLine, '1 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
  });

  it('gives the tests a home of their own and nothing of the environment around them', () => {
    const { status } = runTests('surroundings');
    assert.equal(status, 0);
  });

  it('runs tiers at the same time, and shows one after the other', async function () {
    if (availableParallelism() === 1) skip(this, 'one processor runs one tier at a time');
    const folder = await mkdtemp(join(tmpdir(), 'tiers-'));
    const sign = { OFFLOAD_TEST_SIGN: join(folder, 'sign') };
    const { status, stdout } = runTiers('two-tiers', ['unit', 'contract'], sign);
    await rm(folder, { recursive: true });
    assert.match(stdout, /\nunit\n[^]*the first tier\n[^]*1 passing[^]*\ncontract\n[^]*the second tier\n/);
    assert.equal(status, 0);
  });

  it('begins what needs something that is still made when that is there, and the rest before', async () => {
    const args = ['unit', 'contract', '--later', '--root', path('../fixtures/test-command/later')];
    const child = fork(path('../run.ts'), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    let [shown, told] = ['', false];
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      shown += piece;
      if (!told && shown.includes('1 passing')) child.send({ OFFLOAD_TEST_MADE: 'yes' });
      told = shown.includes('1 passing');
    });
    const [status] = (await once(child, 'close')) as [number];
    assert.match(shown, /\nunit\n[^]*has begun[^]*1 passing[^]*\ncontract\n[^]*has what was made\n/);
    assert.deepEqual([status, shown.trimEnd().split('\n').at(-1)], [0, '2 passed, 0 failed, 0 skipped']);
  });

  it('ends when whoever makes that is gone', async () => {
    const args = ['contract', '--later', '--root', path('../fixtures/test-command/later')];
    const child = fork(path('../run.ts'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'spawn');
    child.disconnect();
    const [status] = (await once(child, 'exit')) as [number];
    assert.equal(status, 1);
  });

  it('shows what ran meanwhile, too, when it is ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tiers-'));
    const sign = join(folder, 'sign');
    const args = ['contract', 'live', '--later', '--root', path('../fixtures/test-command/later')];
    const env = { ...process.env, OFFLOAD_TEST_SIGN: sign };
    const child = fork(path('../run.ts'), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], env });
    assert(child.stdout);
    const shown = text(child.stdout);
    await eventually(() => existsSync(sign));
    child.disconnect();
    const [status] = (await once(child, 'exit')) as [number];
    await rm(folder, { recursive: true });
    assert.match(await shown, /\nlive\n[^]*\n\d passed, \d failed, \d skipped\n$/);
    assert.equal(status, 1);
  });

  it('counts as failed what could not be set up, where all has to run', () => {
    const all = { OFFLOAD_TEST_ALL: '1', OFFLOAD_TEST_NO_TOOL: 'no such tool' };
    assert.equal(runTiers('passing', ['unit'], all).lastLine, '2 passed, 0 failed, 3 skipped');
    const broken = { OFFLOAD_TEST_FAILED_TOOL: 'no such tool' };
    assert.equal(runTiers('passing', ['unit'], broken).lastLine, '2 passed, 0 failed, 3 skipped');
    const { status, stdout, lastLine } = runTiers('passing', ['unit'], { ...all, ...broken });
    assert.match(stdout, /failed: unit › skipping › one test\n {2}skipped, and had to run: no such tool\n/);
    assert.deepEqual([status, lastLine], [1, '2 passed, 1 failed, 2 skipped']);
  });

  it('refuses a tier that does not exist', () => {
    assert.equal(runTests('passing', 'units').status, 2);
  });
});
