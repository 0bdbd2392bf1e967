import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROWS } from '../../../bench/rows.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

const runWith = (vsix: string, script: string, ...args: string[]) =>
  spawnSync(process.execPath, [path(script), ...args], {
    encoding: 'utf8',
    env: { ...process.env, OFFLOAD_TEST_VSIX: vsix },
  });

const run = (script: string, ...args: string[]) => runWith('', script, ...args);

describe('the benchmark command', () => {
  it('explains every row there is, and no other', () => {
    const { stdout, status } = run('scripts/bench.mjs', '--help');
    const explained = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name]) => name);
    assert.deepEqual(
      explained,
      ROWS.map(({ name }) => name),
    );
    assert.equal(status, 0);
  });

  it('names the rows to whoever asks for another', () => {
    const { stderr, status } = run('bench/main.ts', 'one-shot', 'two-shots');
    assert.match(stderr, /no row two-shots; the rows are one-shot, /);
    assert.equal(status, 2);
  });

  it('refuses what is no number of rounds', () => {
    for (const rounds of ['0', '1.5']) {
      const { stderr, status } = run('bench/main.ts', `--rounds=${rounds}`);
      assert.match(stderr, /--rounds takes a number/);
      assert.equal(status, 2);
    }
  });

  it('goes on without a row that cannot run, says why, and does not call it a failure', () => {
    // The row of the package's size, without a package.
    const { stdout, status } = run('bench/main.ts', 'sizes');
    assert.match(stdout, /^\| sizes \|.*\| skipped \|$/m);
    assert.match(stdout, /^- sizes was skipped: the package comes with npm run bench$/m);
    assert.equal(status, 0);
  });

  it('ends with 1 when a row fails, and says what went wrong', () => {
    const { stdout, status } = runWith('/no/such.vsix', 'bench/main.ts', 'sizes');
    assert.match(stdout, /^\| sizes \|.*\| failed \|$/m);
    assert.match(stdout, /^- sizes failed: .*ENOENT.*such\.vsix/m);
    assert.equal(status, 1);
  });
});
