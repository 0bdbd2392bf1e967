import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installation } from '../../support/cli/installation.ts';
import { start, type Ended } from '../../support/cli/started.ts';
import { skip } from '../../support/reporting/skip.ts';

const execute = promisify(execFile);
const PRIVATE = ['--mount', '--propagation', 'private'];

describe('offload without bubblewrap', () => {
  const cli = installation();
  before(async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can hide bubblewrap from a process');
    const can = await execute('unshare', [...PRIVATE, 'true']).catch(() => undefined);
    if (can === undefined) skip(this, 'this system gives root no mount namespace');
  });

  /** Runs the CLI where each bubblewrap is covered by an empty file that is no program. */
  const without = (...args: string[]): Promise<Ended> => {
    const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/local/bin'];
    const places = folders.map((folder) => join(folder, 'bwrap')).filter((path) => existsSync(path));
    const covered = [...new Set(places.map((path) => realpathSync(path)))];
    assert(covered.length > 0, 'bubblewrap is not here at all');
    const empty = join(cli().work, cli().file('empty', ''));
    const script = `${covered.map((path) => `mount --bind '${empty}' '${path}'`).join(' && ')} && exec "$@"`;
    const command = [...PRIVATE, 'sh', '-c', script, 'sh', process.execPath, cli().cli, ...args];
    return start('unshare', command, { env: cli().env, cwd: cli().work }).ended;
  };

  it('runs nothing and gives the line that installs it', async () => {
    const file = cli().file('a.sh', 'echo ran; touch made');
    const { code, stdout, stderr } = await without('run', '--out', 'results', file);
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, /^offload: .*bubblewrap is not installed\..* sudo \S+ .*bubblewrap.*\n$/);
    assert(!existsSync(join(cli().work, 'results', 'made')));
    assert.equal((await without('runs')).stdout, '');
  });

  it('has a doctor that says the same, and fails', async () => {
    const { code, stdout } = await without('doctor');
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^FAIL {2}Isolation: bubblewrap is not installed\.\n {6}Install it: sudo .*bubblewrap/m,
    );
    const report = await without('doctor', '--json');
    assert.equal(report.code, 1);
    assert.equal((JSON.parse(report.stdout) as { ok: boolean }).ok, false);
  });
});
