import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';
import { hasEnded } from '../../../backend/src/isolation/process-tree.ts';
import { skip } from '../../support/reporting/skip.ts';

/** Nobody has this process: it is more than Linux has. */
const NOBODY = 2 ** 22 + 1;

describe('whether a process has ended', () => {
  it('is seen of processes that are there, and of others', () => {
    assert.deepEqual([hasEnded(process.pid), hasEnded(1), hasEnded(NOBODY)], [false, false, true]);
  });

  it('is seen where there is no /proc, too', function () {
    const bubblewrap = findProgram('bwrap') ?? skip(this, 'there is no bubblewrap');
    const file = fileURLToPath(new URL('../../../backend/src/isolation/process-tree.ts', import.meta.url));
    const script = `import { hasEnded } from ${JSON.stringify(file)}; console.log(hasEnded(process.pid), hasEnded(${String(NOBODY)}))`;
    const { stdout, stderr } = spawnSync(
      bubblewrap,
      ['--bind', '/', '/', '--tmpfs', '/proc', process.execPath, '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    assert.equal(stdout, 'false true\n', stderr);
  });
});
