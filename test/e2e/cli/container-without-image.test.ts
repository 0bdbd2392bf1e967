import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { newRunId } from '../../../src/core/program/program.ts';
import { endServers } from '../../support/container/end-servers.ts';
import { installation } from '../../support/cli/installation.ts';

const INFO = JSON.stringify({ host: { security: { rootless: true } }, version: { Version: '5.0.0' } });
const FORMER = `offload-backend:0123456789abcdef-x86_64|sha256:${'9'.repeat(64)}|1 GB`;

describe('offload --target container after an update', () => {
  const cli = installation();

  afterEach(() => endServers(cli().folder));

  /** An engine that has such images. */
  const engine = (images: string): void => {
    const path = join(
      cli().work,
      cli().file(
        'podman',
        `#!/bin/sh
case "$1" in
  info) echo '${INFO}' ;;
  images) echo '${images}' ;;
  *) echo 'Error: x: image not known' >&2; exit 125 ;;
esac
`,
      ),
    );
    chmodSync(path, 0o755);
    cli().env['OFFLOAD_CONTAINER_ENGINE'] = path;
  };

  for (const images of [FORMER, '']) {
    it(`keeps the runs that are there within reach, with ${images === '' ? 'no image' : 'that of an earlier version'}`, async () => {
      engine(images);
      const listed = await cli().run(['runs', '--target', 'container']);
      assert.deepEqual([listed.code, listed.stdout], [0, ''], listed.stderr);
      for (const command of ['attach', 'cancel']) {
        const { code, stderr } = await cli().run([command, '--target', 'container', newRunId()]);
        assert.equal(code, 2, stderr);
        assert.match(stderr, /no run/);
      }
      const file = cli().file('a.sh', 'echo ran');
      const refused = await cli().run(['run', '--target', 'container', file]);
      assert.deepEqual([refused.code, refused.stdout], [1, ''], refused.stderr);
      assert.match(refused.stderr, /There is no image for containers.*Make it: "offload image build"/);
    });
  }

  it('is looked at by the doctor, with or without an engine', async () => {
    engine('');
    const without = await cli().run(['doctor', '--target', 'container']);
    assert.equal(without.code, 1, without.stderr);
    assert.match(
      without.stdout,
      /^FAIL {2}Containers: podman 5\.0\.0.*no image of this version yet\n +Make it/m,
    );
    cli().env['OFFLOAD_CONTAINER_ENGINE'] = '/nowhere/podman';
    const none = await cli().run(['doctor', '--target', 'container']);
    assert.equal(none.code, 1, none.stderr);
    assert.match(none.stdout, /^FAIL {2}Containers: There is no program \/nowhere\/podman/m);
  });
});
