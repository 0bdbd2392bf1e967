import assert from 'node:assert/strict';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beyondSystem, isSafePrefix } from '../../../backend/src/executors/prefix.ts';

describe("an interpreter's folder", () => {
  const home = homedir();
  for (const folder of [
    '/usr/local',
    '/opt/conda',
    '/opt/hostedtoolcache/Python/3.12.1/x64',
    '/conda',
    '/venv',
    '/nix/store/abc-python3-3.12',
    '/snap/node/1',
    '/mnt/data/venv',
    '/srv/app/.venv',
    '/home/somebody/project/.venv',
    '/workspace/.venv',
    '/workspaces/project/.venv',
    join(home, '.pyenv/versions/3.11.7'),
    join(home, '.nvm/versions/node/v22.1.0'),
    join(home, '.local/share/uv/python/cpython-3.13'),
    join(home, 'project/.venv'),
    join(tmpdir(), 'x/venv'),
  ]) {
    it(`may be ${folder}`, () => {
      assert.equal(isSafePrefix(folder), true);
    });
  }

  for (const folder of [
    '/',
    '/etc',
    '/etc/python3',
    '/home',
    '/home/somebody',
    '/Users/somebody',
    '/root',
    '/tmp',
    '/opt',
    '/mnt',
    '/srv',
    '/media',
    '/var',
    '/var/lib',
    '/var/tmp',
    '/run/user/1000',
    '/proc/1/root',
    '/sys',
    '/dev/shm',
    '/boot',
    '/workspace',
    tmpdir(),
    home,
    join(home, '..'),
    join(home, '.local'),
    join(home, '.local/share'),
    join(home, '.config'),
    join(home, '.ssh'),
    join(home, '.aws'),
    join(home, '.gnupg'),
    `${home}/`,
    `${home}/x/..`,
  ]) {
    it(`may not be ${folder}`, () => {
      assert.equal(isSafePrefix(folder), false);
    });
  }

  it('is bound once, and not when the box has it anyway', () => {
    assert.deepEqual(
      beyondSystem(['/usr', '/usr/local', '/usr/lib/node', '/bin', '/lib', '/opt/a', '/opt/a', '/usr2']),
      ['/opt/a', '/usr2'],
    );
  });
});
