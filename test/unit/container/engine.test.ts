import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findImage, imageName, keptImages, removeImages } from '../../../src/core/container/image.ts';
import { describeEngine, enginesThatAnswer, ENGINE_VARIABLE } from '../../../src/core/container/engine.ts';
import { Engine } from '../../../backend/src/isolation/container/engine.ts';
import { engineTrouble } from '../../../src/protocol/engine-trouble.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

describe("an engine's words", () => {
  for (const [said, code, message, fix] of [
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http…": dial unix /var/run/docker.sock: connect: permission denied',
      'no-engine',
      /may not speak to Docker/,
      /group docker/,
    ],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'no-engine',
      /daemon does not run/,
      /systemctl start docker/,
    ],
    [
      'Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`',
      'no-engine',
      /machine does not run/,
      /podman machine start/,
    ],
    ['Error: sha256:99: image not known', 'no-image', /not there any more/, /offload image build/],
    [
      'Error response from daemon: No such image: sha256:99',
      'no-image',
      /not there any more/,
      /offload image build/,
    ],
    [
      'Error: mkdir /var/lib/containers/x: no space left on device',
      'sandbox-failed',
      /disk .* is full/,
      /Make room/,
    ],
    [
      'Error: crun: cgroups in hybrid mode not supported: OCI runtime error',
      'sandbox-failed',
      /hybrid/,
      /runc/,
    ],
    [
      'Error: runc create failed: unable to apply cgroup configuration: unable to start unit via systemd: Interactive authentication required',
      'sandbox-failed',
      /asks systemd/,
      /cgroupfs/,
    ],
    [
      'ERRO[0000] cannot find UID/GID for user x: no subuid ranges found for user "x" in /etc/subuid',
      'sandbox-failed',
      /no ids/,
      /add-subuids/,
    ],
    [
      'Error: runc: error setting rlimit type 7: operation not permitted: OCI permission denied',
      'sandbox-failed',
      /may not give a container as much/,
      /limits/,
    ],
    ['Error: something nobody has seen', 'sandbox-failed', /failed\. \(something nobody has seen\)/, /octor/],
    ['', 'sandbox-failed', /failed\.$/, /octor/],
  ] as const) {
    it(`mean something: ${said.slice(0, 60)}`, () => {
      const error = engineTrouble('docker', said);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.fix ?? '', fix);
    });
  }

  it('are repeated in one line of bounded length, without warnings', () => {
    const said = `Error: ${'x'.repeat(9000)}\ntime="2026" level=warning msg="other"\n`;
    assert.match(engineTrouble('podman', said).message, /^podman failed\. \(x{300}\)$/);
  });
});

describe('a call of an engine', () => {
  const engine = (...command: string[]) =>
    new Engine({ kind: 'podman', command, version: '1', rootless: true }, 200);

  it('gives what it prints', async () => {
    assert.equal(await engine('/bin/echo', 'said').call('this'), 'said this');
  });

  it('that is not there any more says so', async () => {
    await assert.rejects(engine('/nowhere/podman').call('ps'), {
      code: 'no-engine',
      message: /podman is not there any more: no \/nowhere\/podman/,
    });
  });

  it('that does not answer says so', async () => {
    await assert.rejects(engine('/bin/sh', '-c', 'exec sleep 60').call('ps'), {
      code: 'sandbox-failed',
      message: /did not answer/,
    });
  });
});

describe('what an engine says of itself', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** A program that stands for an engine, as far as one command goes. */
  const program = (name: string, script: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const says = (name: string, answer: object): string =>
    program(name, `printf '%s' '${JSON.stringify(answer)}'`);
  const around = (...there: string[]) => ({
    env: process.env,
    exists: (path: string) => there.includes(path),
  });
  const SYSTEMD = '/run/systemd/system';
  const HYBRID = '/sys/fs/cgroup/unified/cgroup.controllers';
  const podman = (host: object = {}) =>
    says('podman', {
      host: {
        cgroupManager: 'systemd',
        cgroupVersion: 'v2',
        ociRuntime: { name: 'crun' },
        security: { rootless: true },
        ...host,
      },
      version: { Version: '5.4.2' },
    });

  it('is its version and whose its containers are', async () => {
    const command = [podman()];
    assert.deepEqual(await describeEngine(command, around(SYSTEMD)), {
      kind: 'podman',
      command,
      version: '5.4.2',
      rootless: true,
    });
    const docker = says('docker', {
      ServerVersion: '28.2.2',
      SecurityOptions: ['name=seccomp,profile=builtin'],
    });
    assert.partialDeepStrictEqual(await describeEngine([docker], around()), {
      kind: 'docker',
      version: '28.2.2',
      rootless: false,
    });
    const named = says('my-podman', { host: { security: { rootless: false } } });
    assert.partialDeepStrictEqual(await describeEngine([named], around(SYSTEMD)), { kind: 'podman' });
    const rootless = says('docker', { ServerVersion: '28.2.2', SecurityOptions: ['name=rootless'] });
    assert.partialDeepStrictEqual(await describeEngine([rootless], around()), { rootless: true });
  });

  it('gives podman the options that it needs where systemd is not, or control groups are hybrid', async () => {
    const added = async (host: object, ...there: string[]) =>
      (await describeEngine([podman(host), '--root', '/x'], around(...there))).command.slice(3);
    const hybrid = { cgroupVersion: 'v1' };
    assert.deepEqual(await added({}, SYSTEMD), []);
    assert.deepEqual(
      await added({ ociRuntime: null }, SYSTEMD),
      [],
      'a runtime that has not said what it is',
    );
    assert.deepEqual(await added({}), ['--cgroup-manager', 'cgroupfs']);
    assert.deepEqual(await added({ cgroupManager: 'cgroupfs' }), []);
    assert.deepEqual(await added(hybrid, SYSTEMD, HYBRID, '/usr/sbin/runc'), ['--runtime', 'runc']);
    assert.deepEqual(await added(hybrid, SYSTEMD, HYBRID), [], 'what is not there is not asked for');
    assert.deepEqual(
      await added({ ...hybrid, ociRuntime: { name: 'runc' } }, SYSTEMD, HYBRID, '/usr/sbin/runc'),
      [],
    );
    assert.deepEqual(await added({ cgroupVersion: 'v2' }, SYSTEMD, '/usr/sbin/runc'), []);
  });

  it('is nothing where it does not answer, and why is said', async () => {
    for (const [script, message] of [
      ['echo "permission denied … docker.sock" >&2; exit 1', /may not speak to Docker/],
      [`echo '{"ServerErrors":["Cannot connect to the Docker daemon"]}'`, /daemon does not run/],
      ['echo hello', /does not answer as docker does/],
      ['echo "{}"', /daemon does not run/],
    ] as const) {
      const engine = describeEngine([program('docker', script)], around());
      await assert.rejects(engine, (error) => {
        assert(error instanceof OffloadError && error.code === 'no-engine' && error.fix !== undefined);
        assert.match(error.message, message);
        return true;
      });
    }
    await assert.rejects(describeEngine([join(folder, 'nothing')], around()), {
      code: 'no-engine',
      message: /no program/,
    });
  });

  it('is asked of those that there are: none, one that does not run, one that does', async () => {
    const surroundings = (path: string) => ({ ...around(SYSTEMD), env: { PATH: path } });
    await assert.rejects(enginesThatAnswer(surroundings('/nowhere')), {
      code: 'no-engine',
      message: 'There is no container engine on this machine.',
      fix: /Install podman/,
    });
    rmSync(join(folder, 'podman'), { force: true });
    program('docker', 'echo "Is the docker daemon running?" >&2; exit 1');
    await assert.rejects(enginesThatAnswer(surroundings(folder)), {
      message: /daemon does not run/,
    });
    podman();
    const [first, ...others] = await enginesThatAnswer(surroundings(folder));
    assert.deepEqual([first.kind, others], ['podman', []]);
  });

  it('is asked of the one that the environment names, by words or as a list', async () => {
    const path = podman();
    for (const named of [`${path} --root /x`, JSON.stringify([path, '--root', '/x'])]) {
      const [engine] = await enginesThatAnswer({ ...around(SYSTEMD), env: { [ENGINE_VARIABLE]: named } });
      assert.deepEqual(engine.command, [path, '--root', '/x']);
    }
    for (const named of ['[', '[]', '[1]']) {
      const env = { [ENGINE_VARIABLE]: named };
      await assert.rejects(enginesThatAnswer({ ...around(), env }), { code: 'bad-request' });
    }
  });

  it('is known by its name, whatever program starts it', async () => {
    const path = podman();
    const [engine] = await enginesThatAnswer({
      ...around(SYSTEMD),
      env: { [ENGINE_VARIABLE]: JSON.stringify(['/usr/bin/env', path]) },
    });
    assert.deepEqual([engine.kind, engine.command], ['podman', ['/usr/bin/env', path]]);
  });

  it('tells of each image that is removed, and of a failure in the engine\u2019s words', async () => {
    const command = [
      program(
        'podman',
        `case "$2" in a) ;; *) echo "Error: OCI runtime error: container x" >&2; exit 1;; esac`,
      ),
    ];
    const engine = { kind: 'podman', command, version: '5', rootless: true } as const;
    const images = ['a', 'b'].map((name) => ({ name, id: name, size: '1 GB' }));
    const removed: string[] = [];
    await assert.rejects(
      removeImages(engine, images, ({ name }) => removed.push(name)),
      { code: 'sandbox-failed' },
    );
    assert.deepEqual(removed, ['a']);
  });

  it('tells images of backends from others, and which are in use', async () => {
    const list = [
      'localhost/offload-backend:0123456789abcdef-x86_64|sha256:1|1.37 GB',
      'offload-backend-tools:latest|sha256:2|3 GB',
      'localhost/offload-backend-other:latest|sha256:3|1 GB',
      'debian:trixie|sha256:4|1 GB',
      '<none>:<none>|sha256:5|1 GB',
    ];
    const command = [
      program(
        'podman',
        `case "$1" in
          images) cat <<'END'\n${list.join('\n')}\nEND\n;;
          rmi) echo "Error: image used by 12: image is in use by a container" >&2; exit 2;;
          image) echo "Error: inspecting object: x: image not known" >&2; exit 125;;
        esac`,
      ),
    ];
    const engine = { kind: 'podman', command, version: '5', rootless: true } as const;
    const images = await keptImages(engine);
    assert.deepEqual(
      images.map(({ name }) => name),
      ['offload-backend:0123456789abcdef-x86_64', 'offload-backend-tools:latest'],
    );
    await assert.rejects(removeImages(engine, images), {
      code: 'busy',
      message: /0123456789abcdef-x86_64 is in use/,
    });
    assert.equal(await findImage(engine, 'offload-backend:x'), undefined);
  });
});

describe('the name of an image', () => {
  it('is of its contents and its processor', () => {
    const hash = 'ab'.repeat(32);
    assert.equal(imageName({ hash }, 'x64'), 'offload-backend:abababababababab-x86_64');
    assert.equal(imageName({ hash }, 'arm64'), 'offload-backend:abababababababab-arm64');
    assert.throws(() => imageName({ hash }, 'riscv64'), { code: 'not-supported' });
  });
});
