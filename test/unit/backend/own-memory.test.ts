import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOOK } from '../../../backend/src/isolation/own-memory.ts';
import { skip } from '../../support/reporting/skip.ts';
import { shortFolder } from '../../support/target/local-target.ts';

describe('the memory of a function', () => {
  const folder = shortFolder();
  const node = join(folder, 'node');
  before(function () {
    if (process.platform !== 'linux') skip(this, 'the kernel that functions run on is Linux');
    copyFileSync(process.execPath, node);
    chmodSync(folder, 0o755);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a program finds open of the process above it, whose own program file has these rights. */
  function found(mode: number): string[] {
    chmodSync(node, mode);
    const script = `process.stdout.write(require('node:child_process').execFileSync('/bin/sh', ['-c', ${JSON.stringify(LOOK)}]))`;
    // Root may read everything.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { stdout, stderr, status } = spawnSync(node, ['-e', script], {
      cwd: '/',
      env: {},
      encoding: 'utf8',
      ...user,
    });
    assert.equal(status, 0, stderr);
    return stdout.split('\n').filter((name) => name !== '');
  }

  it('is closed to other programs of its user where its file may be run and not read', () => {
    assert.deepEqual(found(0o111), []);
  });

  it('is seen to be open where its file may be read', () => {
    assert.deepEqual(found(0o755), ['mem', 'environ']);
  });

  it('is that of such a file in the image', () => {
    const read = (name: string): string =>
      readFileSync(new URL(`../../../backend/${name}`, import.meta.url), 'utf8');
    assert.match(read('image/entry.sh'), /^exec \/opt\/offload\/runtime\/node /m);
    assert.match(read('Dockerfile'), /chmod 0111 \/opt\/offload\/runtime\/node/);
  });
});
