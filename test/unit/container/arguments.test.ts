import assert from 'node:assert/strict';
import type { BoxSpec } from '../../../backend/src/isolation/box.ts';
import {
  createArguments,
  type ContainerPlaces,
} from '../../../backend/src/isolation/container/container-arguments.ts';
import { isBounded } from '../../../backend/src/isolation/container/container-probe.ts';
import { containerScript } from '../../../backend/src/isolation/container/container-script.ts';
import { containerUser } from '../../../backend/src/isolation/container/container-user.ts';
import { seccompProfile } from '../../../backend/src/isolation/container/seccomp-profile.ts';
import { SOCKET_FAMILIES } from '../../../backend/src/isolation/seccomp.ts';
import type { ContainerEngine } from '../../../src/protocol/container.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';

const MIB = 1024 ** 2;

const spec: BoxSpec = {
  workspace: '/host/w',
  argv: ['/usr/bin/python3', '-u', "/workspace/it's.py", 'a b', ''],
  env: { SECRET: "it's $HOME", PATH: '/usr/bin' },
  readOnly: ['/host/lib'],
  stdin: undefined,
  limits: effectiveLimits({ memoryBytes: 64 * MIB, processes: 20, openFiles: 100 }),
  memoryLimit: 'as',
};

const places: ContainerPlaces = {
  name: 'offload-x-1-0',
  image: 'sha256:abc',
  labels: { 'offload.server': 'x-1' },
  start: '/host/start',
  users: { passwd: '/host/u/passwd', group: '/host/u/group' },
  seccomp: '/host/seccomp.json',
  user: ['--user', '7:8'],
  isPodman: false,
  relabel: false,
  most: { openFiles: undefined, processes: undefined },
};

/** The values of an option, in order. */
const valuesOf = (args: readonly string[], option: string): (string | undefined)[] =>
  args.flatMap((each, index) => (each === option ? [args[index + 1]] : []));

describe('what a control group says', () => {
  it('is a bound where it is a number that is small enough', () => {
    const said = ['', undefined, 'max', '-1', '101', '100', '5'].map((each) => isBounded(each, 100));
    assert.deepEqual(said, [false, false, false, false, false, true, true]);
  });
});

describe('the arguments of a container', () => {
  it('take everything away that a program needs not, and bound the rest', () => {
    const args = createArguments(spec, places);
    assert.equal(args[0], 'create');
    for (const [option, values] of [
      ['--network', ['none']],
      ['--cap-drop', ['all']],
      ['--security-opt', ['no-new-privileges', 'seccomp=/host/seccomp.json']],
      ['--pull', ['never']],
      ['--user', ['7:8']],
      ['--memory', [String(64 * MIB)]],
      ['--memory-swap', [String(64 * MIB)]],
      ['--pids-limit', ['22']],
      ['--ulimit', ['nofile=100:100', 'nproc=4096:4096', 'core=0:0']],
      ['--log-driver', ['none']],
      ['--stop-signal', ['SIGKILL']],
      ['--label', ['offload.server=x-1']],
      [
        '--volume',
        [
          '/host/start:/run/offload-start:ro',
          '/host/u/passwd:/etc/passwd:ro',
          '/host/u/group:/etc/group:ro',
          '/host/w:/workspace:rw',
        ],
      ],
      [
        '--tmpfs',
        [
          `/tmp:rw,exec,nosuid,nodev,mode=1777,size=${String(512 * MIB)}`,
          `/home/user:rw,exec,nosuid,nodev,mode=1777,size=${String(256 * MIB)}`,
        ],
      ],
    ] as const) {
      assert.deepEqual(valuesOf(args, option), values, option);
    }
    assert(args.includes('--read-only'));
    assert(!args.includes('--interactive'), 'no input that nobody gives');
    assert(!args.includes('--privileged'));
  });

  it('say nothing of the program, its variables and what the host would bind for it', () => {
    const all = createArguments(spec, places).join('\n');
    for (const secret of ['SECRET', "it's", 'a b', '/host/lib', 'python3'])
      assert(!all.includes(secret), secret);
    assert.deepEqual(createArguments(spec, places).slice(-5), [
      '/usr/bin/env',
      'sha256:abc',
      '-i',
      '/usr/bin/dash',
      '/run/offload-start/start',
    ]);
  });

  it('have the folders of a task: a home that stays, the ways to the model and to the network, to be read', () => {
    const args = createArguments({ ...spec, home: '/host/h', model: '/host/m', gate: '/host/g' }, places);
    assert.deepEqual(valuesOf(args, '--volume').slice(-3), [
      '/host/h:/home/user:rw',
      '/host/m:/run/offload:ro',
      '/host/g:/run/offload-gate:ro',
    ]);
    assert.equal(valuesOf(args, '--tmpfs').length, 1);
  });

  it('keep an input open where there is one', () => {
    for (const stdin of ['pipe', 3] as const)
      assert(createArguments({ ...spec, stdin }, places).includes('--interactive'));
  });

  it('ask for no more than this process may give, and for labels where SELinux wants them', () => {
    const args = createArguments(spec, {
      ...places,
      relabel: true,
      most: { openFiles: 50, processes: 1000 },
    });
    assert.deepEqual(valuesOf(args, '--ulimit').slice(0, 2), ['nofile=50:50', 'nproc=1000:1000']);
    assert(valuesOf(args, '--volume').every((each) => each?.endsWith(',z')));
  });

  it('turn off what podman adds by itself, in words that Docker does not know', () => {
    const added = ['--read-only-tmpfs=false', '--http-proxy=false'];
    const of = (isPodman: boolean) => createArguments(spec, { ...places, isPodman });
    assert.deepEqual(
      of(true).filter((each) => !of(false).includes(each)),
      added,
    );
  });
});

describe('the script that a container starts with', () => {
  it('quotes all that comes from a request, and sets no limit on what its user has elsewhere', () => {
    const script = containerScript(spec);
    assert(script.includes(String.raw`export SECRET='it'\''s $HOME'`), script);
    assert(
      script.includes(String.raw`exec '/usr/bin/python3' '-u' '/workspace/it'\''s.py' 'a b' ''`),
      script,
    );
    assert.doesNotMatch(script, /ulimit -p/);
    assert.match(script, /ulimit -v 65536/);
  });
});

describe('the user of a container', () => {
  const engine = (kind: ContainerEngine['kind'], rootless: boolean): ContainerEngine => ({
    kind,
    rootless,
    command: [kind],
    version: '1',
  });
  const user = { uid: 1000, gid: 100 };
  const root = { uid: 0, gid: 0 };

  for (const [name, given, host, owner, options] of [
    [
      'podman without root',
      engine('podman', true),
      user,
      undefined,
      ['--userns', 'keep-id', '--user', '1000:100'],
    ],
    ["root's podman, for a run's own user", engine('podman', false), root, 77, ['--user', '77:77']],
    [
      'a Docker of root',
      engine('docker', false),
      user,
      undefined,
      ['--userns', 'host', '--user', '1000:100'],
    ],
    [
      "root's Docker, for a run's own user",
      engine('docker', false),
      root,
      77,
      ['--userns', 'host', '--user', '77:77'],
    ],
    [
      'Docker without root, whose root is the user',
      engine('docker', true),
      user,
      undefined,
      ['--user', '0:0'],
    ],
  ] as const) {
    it(`makes files that whoever started it can remove: ${name}`, () => {
      assert.deepEqual(containerUser(given, host, owner).options, options);
    });
  }
});

describe('the seccomp profile of containers', () => {
  const profile = JSON.parse(seccompProfile()) as {
    syscalls: { names: string[]; action: string; errnoRet: number; args?: { value: number; op: string }[] }[];
  };

  it('refuses and ends nothing', () => {
    assert(profile.syscalls.every(({ action }) => action === 'SCMP_ACT_ERRNO'));
    const always = profile.syscalls.filter(({ args }) => args === undefined).flatMap(({ names }) => names);
    for (const name of ['mount', 'unshare', 'setns', 'ptrace', 'bpf', 'keyctl', 'clone3'])
      assert(always.includes(name));
    assert(!always.includes('clone') && !always.includes('socket'));
  });

  it('leaves the families of sockets that a network namespace holds, and no other', () => {
    const rules = profile.syscalls
      .filter(({ names }) => names.includes('socket'))
      .flatMap(({ args = [] }) => args);
    const refused = (family: number): boolean =>
      rules.some(({ value, op }) => (op === 'SCMP_CMP_EQ' ? family === value : family >= value));
    for (let family = 0; family < 300; family++)
      assert.equal(refused(family), !SOCKET_FAMILIES.includes(family), String(family));
  });
});
