import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcessesOf } from '../../../scripts/setup/processes.mjs';
import { follow } from '../../../src/core/run/follow.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';
import { installation } from '../../support/cli/installation.ts';
import { code } from '../../support/target/code.ts';
import { localTarget, shortFolder, type LocalTarget } from '../../support/target/local-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { boxProcesses, servers } from '../../support/target/processes.ts';
import { outputOf, request, run, succeeded } from '../../support/target/run.ts';
import { skip } from '../../support/reporting/skip.ts';
import { targetOf } from '../../support/target/target.ts';
import { userInstallation, type UserInstallation } from '../../support/target/user-target.ts';

describe('the local sandbox as the root of a user namespace', () => {
  let user: UserInstallation;
  let file: string;
  before(async function () {
    user = userInstallation(this);
    file = join(user.folder, 'program.sh');
    writeFileSync(file, 'echo ran; id -u; echo made > made\n');
    const { code: can } = await user.cliAsInnerRoot('true', '--help');
    if (can !== 0) skip(this, 'this system lets users make no user namespaces');
  });
  // The next test finds no server that was started elsewhere.
  afterEach(() => endProcessesOf(user.folder));
  after(() => user.remove());

  it('runs, although it has no users to spare for boxes', async () => {
    const ended = await user.cliAsInnerRoot('true', 'run', file);
    assert.deepEqual([ended.code, ended.stdout], [0, 'ran\n1000\n'], ended.stderr);
    assert.match(ended.stderr, /\+ made/);
  });

  it('runs nothing where no further namespaces may be made, and says what to do', async () => {
    const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces';
    const { code: exitCode, stdout, stderr } = await user.cliAsInnerRoot(forbid, 'run', file);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /^offload: Nothing can run here: bubblewrap cannot make a sandbox here: .*sysctl/);
    assert.equal(stderr.trim().split('\n').length, 1);
  });
});

describe("the local sandbox of root: what lies in root's own folders", () => {
  const target = targetOf(() => localTarget());

  it('an interpreter there is used, and nothing beside it can be seen', async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root has such folders');
    const folder = shortFolder('v-');
    try {
      const venv = join(folder, 'venv');
      execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', venv]);
      writeFileSync(join(folder, 'private'), '');
      const text = 'import os, sys; print(sys.prefix, os.listdir(os.path.dirname(sys.prefix)))';
      const outcome = await run(target(), 'python', text, { interpreter: join(venv, 'bin', 'python3') });
      assert.equal(succeeded(outcome).stdout, `${venv} ['venv']\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the local sandbox of root: the places where boxes reach root's own folders", () => {
  before(function () {
    if (process.getuid?.() !== 0) skip(this, 'only root needs them');
  });
  const places = (pid: number): string => `/run/offload-stage-${String(pid)}`;

  it('go with the server, and what is in these folders stays', async () => {
    const folder = shortFolder('v-');
    const target = await localTarget();
    try {
      const venv = join(folder, 'venv');
      execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', venv]);
      const bash = join(folder, 'bash');
      copyFileSync('/bin/bash', bash);
      // A folder and a file that are bound.
      const ran = await run(target, 'python', 'print(1)', { interpreter: join(venv, 'bin', 'python3') });
      assert.equal(succeeded(ran).stdout, '1\n');
      assert.equal(succeeded(await run(target, 'bash', 'echo 2', { interpreter: bash })).stdout, '2\n');
      assert(readdirSync(places(target.pid)).length >= 2);
      process.kill(target.pid, 'SIGTERM');
      await eventually(async () => (await servers(target.folder)).length === 0);
      assert(!existsSync(places(target.pid)));
      assert(existsSync(join(venv, 'bin', 'python3')));
      assert(existsSync(bash));
    } finally {
      await target.dispose();
      rmSync(folder, { recursive: true });
    }
  });

  it('go with the next server when this one is killed', async () => {
    const folder = shortFolder('v-');
    const target = await localTarget();
    try {
      const bash = join(folder, 'bash');
      copyFileSync('/bin/bash', bash);
      assert.equal(succeeded(await run(target, 'bash', 'echo 2', { interpreter: bash })).stdout, '2\n');
      process.kill(target.pid, 'SIGKILL');
      await eventually(async () => (await servers(target.folder)).length === 0);
      assert(existsSync(places(target.pid)));
      await target.client().environment();
      assert(!existsSync(places(target.pid)));
      assert(existsSync(bash));
    } finally {
      await target.dispose();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the local sandbox: what its starter has open', () => {
  const cli = installation();

  it('is not open in a box, be it a folder: no way out of it', async () => {
    const text = code`
      import os
      for fd in os.listdir('/proc/self/fd'):
          try:
              print(fd, os.readlink(f'/proc/self/fd/{fd}'))
          except OSError:
              pass
    `;
    const folder = openSync('/', 'r');
    try {
      const stdio = ['ignore', 'pipe', 'pipe', folder, folder] as const;
      const started = cli().start(['run', cli().file('fds.py', text)], { stdio: [...stdio] });
      const { code: exitCode, stdout, stderr } = await started.ended;
      assert.equal(exitCode, 0, stderr);
      const open = stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]);
      assert.deepEqual(open.sort(), ['0', '1', '2'], stdout);
    } finally {
      closeSync(folder);
    }
  });
});

describe('the local sandbox on a disk that is full', () => {
  let disk: string | undefined;
  let target: LocalTarget | undefined;

  before(async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can make a small disk');
    disk = shortFolder('d-');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      rmSync(disk, { recursive: true });
      skip(this, 'root may not mount anything here');
    }
    target = await localTarget({ state: join(disk, 's') });
  });
  after(async () => {
    await target?.dispose();
    if (disk === undefined) return;
    execFileSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true });
  });

  it('ends the run, keeps what came before, leaves no process, and goes on once there is room', async () => {
    const text = "for i in range(400_000): print('0123456789abcdef')";
    assert(disk !== undefined && target !== undefined);
    const ready = request(target, 'python', text);
    const events: RunEvent[] = [];
    for await (const event of follow(target.sandbox, { request: ready })) events.push(event);
    const message = 'The run could not be recorded: the disk takes no more.';
    assert.partialDeepStrictEqual(events.at(-1), { type: 'failed', error: { message } });
    assert(outputOf(events, 'stdout').includes('0123456789abcdef\n'.repeat(1000)));
    assert.deepEqual(await boxProcesses(target.folder), []);
    rmSync(join(disk, 's', 'runs', ready.runId), { recursive: true });
    succeeded(await run(target, 'bash', 'true'));
  });
});
