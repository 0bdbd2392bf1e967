import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';
import { hasEnded } from '../../../backend/src/isolation/process-tree.ts';
import { sweepLeftovers } from '../../../backend/src/leftovers.ts';
import { skip } from '../../support/reporting/skip.ts';

describe('what backends that were killed have left', () => {
  let folder: string;
  let boxes: string;
  let runtime: string;
  let box: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leftovers-'));
    [boxes, runtime] = [join(folder, 'boxes'), join(folder, 'r')];
    for (const each of [boxes, runtime]) mkdirSync(each);
  });
  afterEach(() => {
    box?.kill('SIGKILL');
    box = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A process id that no process has any more. */
  const dead = (): string => String(spawnSync('true').pid);

  it('goes, and what the living have stays', async () => {
    const gone = dead();
    const own = String(process.pid);
    for (const pid of [gone, own]) {
      mkdirSync(join(boxes, pid, 'run', 'workspace'), { recursive: true });
      writeFileSync(join(runtime, `build.sock.${pid}`), '');
    }
    writeFileSync(join(runtime, 'token'), '');
    await sweepLeftovers(boxes, runtime);
    assert.deepEqual(
      [join(boxes, gone), join(runtime, `build.sock.${gone}`)].map((path) => existsSync(path)),
      [false, false],
    );
    const kept = [join(boxes, own, 'run'), join(runtime, `build.sock.${own}`), join(runtime, 'token')];
    assert(kept.every((path) => existsSync(path)));
  });

  it('ends a box that lives on without its backend', async function () {
    const bwrap = findProgram('bwrap');
    if (bwrap === undefined) return skip(this, 'there is no bubblewrap');
    const workspace = join(boxes, dead(), 'run', 'workspace');
    mkdirSync(workspace, { recursive: true });
    const program = ['sh', '-c', 'echo up; exec sleep 60'];
    const args = [
      '--ro-bind',
      '/usr',
      '/usr',
      '--symlink',
      'usr/bin',
      '/bin',
      '--symlink',
      'usr/lib',
      '/lib',
    ];
    const more = ['--symlink', 'usr/lib64', '/lib64', '--bind', workspace, '/workspace'];
    box = spawn(bwrap, [...args, ...more, ...program], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (box.stdout !== null) await once(box.stdout, 'data');
    const ended = once(box, 'exit');
    await sweepLeftovers(boxes, runtime);
    await ended;
    assert(hasEnded(box.pid ?? 0));
  });
});
