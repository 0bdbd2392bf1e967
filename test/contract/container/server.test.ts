import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isTerminal } from '../../../src/protocol/event.ts';
import { containerTarget, type ContainerTarget } from '../../support/container/container-target.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { skip } from '../../support/reporting/skip.ts';
import { code } from '../../support/target/code.ts';
import { eventually } from '../../support/target/eventually.ts';
import { servers } from '../../support/target/processes.ts';
import { failure, run, succeeded } from '../../support/target/run.ts';
import { startedRun } from '../behaviour/started-run.ts';

const MIB = 1024 * 1024;

describe('the containers of a server', () => {
  let target: ContainerTarget;
  let made: ContainerTarget | undefined;

  beforeEach(async function () {
    made = await containerTarget(this);
    target = made;
  });
  afterEach(async () => {
    await made?.dispose();
    made = undefined;
  });

  const engine = (...args: string[]): string => {
    const [program = '', ...options] = target.engine.command;
    return execFileSync(program, [...options, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };
  /** The names of the containers of this target's server. */
  const containers = (): string[] =>
    engine('ps', '--all', '--format', '{{.Names}}')
      .split('\n')
      .filter((name) => name.includes(`-${String(target.pid)}-`));
  const patient = 'echo started; (setsid sleep 600 &) ; sleep 600';

  it('are gone when their runs have ended, with what they were made of', async () => {
    succeeded(await run(target, 'bash', 'true'));
    const cancelled = await startedRun(target, 'bash', patient);
    assert.equal(containers().length, 1);
    assert.equal((await target.sandbox.cancel(cancelled.runId)).type, 'cancelled');
    await cancelled.rest;
    await eventually(() => containers().length === 0);
    const boxes = join(target.folders.state, 'boxes', String(target.pid));
    assert.deepEqual(
      readdirSync(boxes).filter((name) => !/^(users-\d+|seccomp\.json)$/.test(name)),
      [],
    );
    assert.deepEqual(
      readdirSync(target.folders.runtime).filter((name) => name.startsWith('start-')),
      [],
    );
  });

  it('are gone when the server is killed and nobody starts another', async () => {
    const started = await startedRun(target, 'bash', patient);
    started.leave();
    started.rest.catch(() => undefined);
    assert.equal(containers().length, 1);
    for (const { pid } of await servers(target.folder)) process.kill(pid, 'SIGKILL');
    await eventually(() => containers().length === 0);
  });

  it('are gone with the next server when what looks after them is killed too; the run has its end', async () => {
    const started = await startedRun(target, 'bash', patient);
    started.leave();
    started.rest.catch(() => undefined);
    const found = lifelines(target.pid);
    assert(found.length > 0, 'nothing looks after them');
    for (const pid of found) process.kill(pid, 'SIGKILL');
    for (const { pid } of await servers(target.folder)) process.kill(pid, 'SIGKILL');
    await eventually(async () => (await servers(target.folder)).length === 0);
    assert.equal(containers().length, 1);
    const events = [];
    for await (const event of target.client().attach(started.runId, 0)) events.push(event);
    const end = events.find(isTerminal);
    assert(end?.type === 'failed' && end.error.code === 'backend-lost', JSON.stringify(end));
    await eventually(() => containers().length === 0);
  });

  it('say neither program nor variables nor input to whoever reads the list of processes', async () => {
    const secret = 'secret-41d7';
    const extra = { env: { SECRET: secret }, args: [secret], stdin: { text: secret } };
    const { runId, rest } = await startedRun(target, 'bash', 'echo started; sleep 600', extra);
    const [name = 'none'] = containers();
    const mine = engineProcesses();
    assert(
      mine.some((line) => line.includes(name)),
      `none is of ${name}: ${mine.join('\n')}`,
    );
    assert(!mine.some((line) => line.includes(secret)), mine.join('\n'));
    assert.deepEqual(filesWith(secret, target.folders.state), [], 'nor to whoever reads the disk later');
    await target.sandbox.cancel(runId);
    await rest;
  });

  it('have no more open files than this machine lets a process have, and say so', async function () {
    const hard = Number(
      /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1],
    );
    const most = LIMITS.openFiles.max;
    if (!(hard < most)) skip(this, 'a process here can have as many open files as may be asked for');
    const outcome = await run(target, 'bash', 'true', { limits: { openFiles: most } });
    assert.equal(failure(outcome), 'not-supported');
    succeeded(await run(target, 'bash', 'true', { limits: { openFiles: Math.min(hard, 2048) } }));
  });

  it('leave files that are the user’s own to remove, never another’s', async () => {
    const text = code`
      mkdir -p made/deep; echo x > made/deep/file; chmod 000 made/deep/file; ln -s /etc/passwd link; id -un; echo ~
    `;
    const outcome = succeeded(await run(target, 'bash', text));
    assert.equal(outcome.stdout, 'user\n/home/user\n');
    assert.deepEqual(
      outcome.changes.map(({ path }) => path),
      ['made/deep/file'],
    );
    const blobs = join(target.folders.state, 'runs', outcome.runId, 'blobs');
    for (const name of readdirSync(blobs)) assert.equal(statSync(join(blobs, name)).uid, process.getuid?.());
    const box = join(target.folders.state, 'boxes', String(target.pid), outcome.runId);
    await eventually(() => !existsSync(box));
  });

  it('have the packages of the image, and cannot change it', async () => {
    const text = code`
      import numpy, pandas, matplotlib, scipy, sklearn, sys
      print(sys.version_info[:2], pandas.DataFrame({'a': numpy.arange(3)}).a.sum())
      for path in '/usr/lib/planted', '/etc/planted', '/opt/offload/bin/planted', '/run/planted', '/var/tmp/planted':
          try:
              open(path, 'w')
              print(path)
          except OSError as error:
              print(error.strerror)
    `;
    const { stdout } = succeeded(await run(target, 'python', text));
    const [versions, ...attempts] = stdout.trim().split('\n');
    assert.match(versions ?? '', /^\(3, 1\d\) 3$/);
    assert.equal(attempts.length, 5);
    for (const attempt of attempts) assert.match(attempt, /^(Read-only file system|Permission denied)$/);
  });

  it('hold what lies in temporary folders to the limit on memory', async () => {
    const text = 'head -c 400000000 /dev/zero > /tmp/big; echo $?; sleep 5';
    const outcome = await run(target, 'bash', text, { limits: { memoryBytes: 64 * MIB } });
    assert.equal(failure(outcome), 'memory-limit');
  });
});

/** The files in a folder that say something. */
const filesWith = (text: string, folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => readFileSync(path, 'latin1').includes(text));

/** Processes that remove a server's containers when it is gone. */
const lifelines = (server: number): number[] =>
  processes()
    .filter(({ command }) => command.includes('offload-lifeline') && command.includes(`-${String(server)} `))
    .map(({ pid }) => pid);

const engineProcesses = (): string[] =>
  processes()
    .map(({ command }) => command)
    .filter((command) => /podman|docker|conmon|runc/.test(command));

const processes = (): { pid: number; command: string }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return {
          pid: Number(pid),
          command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
        };
      } catch {
        return { pid: Number(pid), command: '' };
      }
    });
