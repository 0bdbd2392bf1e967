import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkAddressLength,
  compareBuilds,
  otherBuilds,
  publicAddress,
} from '../../../src/core/local/address.ts';
import { localFolders } from '../../../src/core/local/folders.ts';
import { privateFolder, readToken, tokenFile } from '../../../src/core/local/private-folder.ts';
import { openLog } from '../../../src/core/local/server-log.ts';

describe("the local backend's folders", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'f-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are where XDG says, else in places of the platform', () => {
    const { runtime, state } = localFolders({ XDG_RUNTIME_DIR: '/run/user/1', XDG_STATE_HOME: '/x' });
    assert.deepEqual([runtime, state], ['/run/user/1/offload', '/x/offload']);
    for (const env of [{}, { XDG_RUNTIME_DIR: '', XDG_STATE_HOME: '' }]) {
      const usual = localFolders(env);
      assert.equal(usual.runtime, join(tmpdir(), `offload-${String(process.getuid?.())}`));
      assert.match(usual.state, /^\/.+\/offload$/);
    }
  });

  it('are closed to others, whoever made them so', async () => {
    await privateFolder(join(folder, 'a/b'));
    assert.equal(statSync(join(folder, 'a/b')).mode & 0o777, 0o700);
    chmodSync(join(folder, 'a/b'), 0o755);
    await privateFolder(join(folder, 'a/b'));
    assert.equal(statSync(join(folder, 'a/b')).mode & 0o777, 0o700);
  });

  it('are no links and no files', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    writeFileSync(join(folder, 'file'), '');
    for (const name of ['link', 'file', 'file/below'])
      await assert.rejects(privateFolder(join(folder, name)), { code: 'no-backend' }, name);
  });

  it('have one token for all who ask for it first', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => readToken(folder)));
    assert.match(tokens[0] ?? '', /^[0-9a-f]{64}$/);
    assert.equal(new Set(tokens).size, 1);
    assert.deepEqual(readdirSync(folder), ['token']);
    assert.equal(statSync(tokenFile(folder)).mode & 0o777, 0o600);
    assert.equal(await readToken(folder), tokens[0]);
  });

  it('have short enough paths for sockets, or are refused', () => {
    assert.doesNotThrow(() => {
      checkAddressLength(`/${'x'.repeat(50)}`);
    });
    for (const runtime of [`/${'x'.repeat(80)}`, `/${'€'.repeat(30)}`])
      assert.throws(
        () => {
          checkAddressLength(runtime);
        },
        { code: 'no-backend', fix: /XDG_RUNTIME_DIR/ },
      );
  });

  it('name the builds that have had a server there', async () => {
    for (const name of ['1.0.0-a.sock', '1.0.0-a.sock.12', '1.0.0-b.sock', 'token', 'pipes.12'])
      writeFileSync(join(folder, name), '');
    assert.deepEqual((await otherBuilds(folder, '1.0.0-a')).sort(), ['1.0.0-b']);
    assert.deepEqual(await otherBuilds(join(folder, 'nowhere'), 'x'), []);
    assert.equal(publicAddress(folder, '1.0.0-a'), join(folder, '1.0.0-a.sock'));
  });

  it('keep a log of which the last error is told in one line', async () => {
    const folders = { runtime: folder, state: join(folder, 'state') };
    const first = await openLog(folders);
    writeFileSync(first.fd, 'earlier: Error: not this one\n');
    first.close();
    const log = await openLog(folders);
    assert.equal(log.lastWords(), '');
    writeFileSync(log.fd, 'some words\n\n');
    assert.equal(log.lastWords(), 'some words');
    writeFileSync(log.fd, 'at x.mjs:1\nTypeError [ERR_X]: what is wrong\n    at main\n\nNode.js v24\n');
    assert.equal(log.lastWords(), 'TypeError [ERR_X]: what is wrong');
    log.close();
  });

  it('do not keep a log that grows for ever', async () => {
    const folders = { runtime: folder, state: folder };
    writeFileSync(join(folder, 'server.log'), 'x'.repeat(1024 * 1024 + 1));
    const log = await openLog(folders);
    assert.equal(log.lastWords(), '');
    assert.equal(statSync(log.path).size, 0);
    log.close();
  });
});

describe('builds', () => {
  it('are ordered by their version, as numbers', () => {
    for (const [older, newer] of [
      ['0.1.0-a', '0.2.0-a'],
      ['0.9.0-a', '0.10.0-a'],
      ['0.9.9-z', '1.0.0-a'],
      ['1.0.0-a', '1.0.1-a'],
    ] as const) {
      assert(compareBuilds(older, newer) < 0);
      assert(compareBuilds(newer, older) > 0);
    }
    assert.equal(compareBuilds('1.0.0-a', '1.0.0-b'), 0);
  });
});
