import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { imageName } from '../../../src/core/container/image.ts';
import { readBackendSource } from '../../../src/core/deploy/source.ts';
import { installation } from '../../support/cli/installation.ts';
import { testImage } from '../../support/container/test-image.ts';
import { endServers } from '../../support/container/end-servers.ts';

/** What Docker's own client says then. */
const NO_DAEMON =
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';

describe('offload --target container', () => {
  const cli = installation();
  let command: string[];
  let image: string;
  let name: string;
  const engine = (...args: string[]): string => {
    const [program = '', ...options] = command;
    return execFileSync(program, [...options, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };

  /** Takes the name from the image, which the machine keeps for the next tests. */
  const untag = (): void => {
    try {
      engine('untag', image, name);
    } catch {
      // It did not have it.
    }
  };

  before(async function () {
    ({ command, image } = testImage(this));
    name = imageName(await readBackendSource(join(cli().folder, 'd', 'backend')));
    untag();
    cli().env['OFFLOAD_CONTAINER_ENGINE'] = JSON.stringify(command);
  });

  after(() => {
    if ((name as string | undefined) !== undefined) untag();
  });

  it('runs nothing where there is no image, and gives the command that makes it', async () => {
    const file = cli().file('a.sh', 'echo ran');
    const { code, stdout, stderr } = await cli().run(['run', '--target', 'container', file]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^offload: There is no image for containers .* Make it: "offload image build"\..*1\.4 GB.*\n$/,
    );
    const shown = await cli().run(['image']);
    assert.match(shown.stdout, /^podman \S+: no image of this version: offload image build$/m);
  });

  it('says what the image costs and asks before it is made; without a yes nothing is', async () => {
    const { code, stderr } = await cli().run(['image', 'build'], { input: 'n\n' });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /will make the image offload-backend:\w+-\w+\. .*1\.4 GB.*Go on\? \[y\/N\] .*nothing was done/s,
    );
  });

  it('says why an image could not be made, with the end of what the engine said', async () => {
    const { code, stderr } = await cli().run([
      'image',
      'build',
      '--yes',
      '--base',
      'localhost/no-such-base:0',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /offload: The image could not be made: its base could not be had\./);
  });

  it('runs in the image once it is there, and takes back what was made; the doctor says what it has', async () => {
    engine('tag', image, name);
    try {
      const file = cli().file(
        'a.py',
        "import numpy\nopen('made.txt', 'w').write('made')\nprint(numpy.arange(3).sum())\n",
      );
      const ran = await cli().run(['run', '--target', 'container', '--out', 'results', file]);
      assert.deepEqual([ran.code, ran.stdout], [0, '3\n'], ran.stderr);
      assert.match(ran.stderr, /\+ made\.txt/);
      const listed = await cli().run(['runs', '--target', 'container']);
      assert.match(listed.stdout, /^r_\w+ +completed .*a\.py$/m);
      assert.equal((await cli().run(['runs'])).stdout, '', 'the local target knows nothing of it');
      const doctor = await cli().run(['doctor', '--target', 'container']);
      assert.equal(doctor.code, 0, doctor.stdout);
      assert.match(doctor.stdout, /^ok {4}Backend: .* target container$/m);
      assert.match(doctor.stdout, /^ok {4}Isolation: podman .*read-only.*no network/m);
      assert.match(doctor.stdout, /^ok {4}Containers: podman .*the image is there$/m);
      assert.doesNotMatch(doctor.stdout, /interpreter/);
      const again = await cli().run(['image', 'build', '--yes']);
      assert.deepEqual([again.code, again.stdout], [0, '']);
      assert.match(again.stderr, /has the image of this version already/);
      const refused = await cli().run([
        'run',
        '--target',
        'container',
        '--interpreter',
        '/usr/bin/python3',
        file,
      ]);
      assert.equal(refused.code, 2);
    } finally {
      await endServers(cli().folder);
    }
    const removed = await cli().run(['image', 'remove']);
    assert.equal(removed.code, 0, removed.stderr);
    assert.match(removed.stdout, new RegExp(`^removed ${name}`, 'm'));
    assert(
      engine('images', '--quiet', '--no-trunc').includes(image.replace('sha256:', '')),
      'its other name stays',
    );
  });

  it('says what is wrong with an engine: one that is not there, one that does not run', async () => {
    const file = cli().file('b.sh', 'echo ran');
    const env = cli().env;
    const before = env['OFFLOAD_CONTAINER_ENGINE'];
    try {
      env['OFFLOAD_CONTAINER_ENGINE'] = '/nowhere/podman';
      const none = await cli().run(['run', '--target', 'container', file]);
      assert.equal(none.code, 1);
      assert.match(none.stderr, /^offload: There is no program \/nowhere\/podman\..*Install podman.*\n$/);
      const doctor = await cli().run(['doctor']);
      assert.match(doctor.stdout, /^ok {4}Containers: Not needed for other targets\./m);
      const docker = join(cli().work, cli().file('docker', `#!/bin/sh\necho '${NO_DAEMON}' >&2\nexit 1\n`));
      chmodSync(docker, 0o755);
      env['OFFLOAD_CONTAINER_ENGINE'] = docker;
      const idle = await cli().run(['run', '--target', 'container', file]);
      assert.equal(idle.code, 1);
      assert.match(
        idle.stderr,
        /^offload: Docker is installed, but its daemon does not run\..* Start it: .*\n$/,
      );
    } finally {
      env['OFFLOAD_CONTAINER_ENGINE'] = before;
    }
  });
});
