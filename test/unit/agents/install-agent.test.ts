import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { catalogAgent } from '../../../src/core/agents/catalog.ts';
import { findAgent, locateAgent } from '../../../src/core/agents/find-agent.ts';
import { installAgent, type InstallOptions } from '../../../src/core/agents/install-agent.ts';
import { thisPlatform } from '../../../src/core/agents/platform.ts';
import { startRegistry, type Registry } from '../../support/agents/registry.ts';
import { skip } from '../../support/reporting/skip.ts';

const ID = 'opencode';
const { version, place, packages } = catalogAgent(ID);
const [name] = packages(thisPlatform());
/** The machine's own `true`, which is a program of the platform and stays one with something behind it. */
const program = Buffer.concat([readFileSync('/bin/true'), randomBytes(4 * 2 ** 20)]);

describe('an agent that is installed by npm', () => {
  let folder: string;
  let storage: string;
  let registry: Registry;
  const put = (file: string, text: string): string => {
    writeFileSync(join(folder, file), text);
    chmodSync(join(folder, file), 0o755);
    return join(folder, file);
  };
  const install = (more: Partial<InstallOptions> = {}): Promise<string> =>
    installAgent(ID, { storage, env: registry.env(folder), ...more });
  /** Nothing is there, and nothing half made is left. */
  const nothing = async (): Promise<void> => {
    assert.deepEqual(existsSync(storage) ? readdirSync(storage) : [], []);
    assert.equal(await locateAgent(ID, { storage }), undefined);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'a-'));
    storage = join(folder, 'storage');
    registry = await startRegistry({ name, version, place, program });
  });
  afterEach(async () => {
    await registry.close();
    rmSync(folder, { recursive: true });
  });

  it('lies in a folder of its version, once, and is found there', async () => {
    const lines: string[] = [];
    const onLine = (line: string): unknown => lines.push(line);
    const [one, two] = await Promise.all([install({ onLine }), install()]);
    assert.equal(one, two);
    assert.deepEqual(readFileSync(one), program);
    assert.match(lines.join('\n'), /added 1 package/);
    assert.deepEqual(readdirSync(storage), [`${ID}-${version}`]);
    assert.equal((await findAgent(ID, { storage }))?.program, one);
    assert.equal(await install({ npm: join(folder, 'nowhere') }), one, 'it is not installed again');
  });

  it('is made anew where its program is gone', async () => {
    const lost = await install();
    rmSync(lost);
    assert.equal(await install(), lost);
    assert.deepEqual(readFileSync(lost), program);
  });

  it('is not there where the download is not what the registry says', async () => {
    registry.trouble = 'integrity';
    await assert.rejects(install(), { code: 'no-agent', message: /EINTEGRITY|integrity/ });
    assert.equal(registry.downloads > 0, true);
    await nothing();
  });

  it('is not there where the registry goes in mid-download', async () => {
    registry.trouble = 'cut';
    await assert.rejects(install(), { code: 'no-agent', message: /npm could not install/ });
    assert.equal(registry.downloads > 0, true);
    await nothing();
    registry.trouble = undefined;
    assert.deepEqual(readFileSync(await install()), program, 'and is installed the next time');
  });

  it('is not there where the registry is not, or has none', async () => {
    const env = { ...registry.env(folder), npm_config_registry: 'http://127.0.0.1:1/' };
    await assert.rejects(install({ env }), { code: 'no-agent', message: /ECONNREFUSED/ });
    await nothing();
    await assert.rejects(installAgent('claude-code', { storage, env: registry.env(folder) }), {
      code: 'no-agent',
      message: /404.*claude-code/,
    });
    await nothing();
  });

  it('is not there where the package is for other systems, or has no program', async () => {
    for (const [more, message] of [
      [{ os: ['none'] as string[] }, /Unsupported platform|EBADPLATFORM/],
      [{ place: 'elsewhere' }, /program is not in it/],
    ] as const) {
      await registry.close();
      registry = await startRegistry({ name, version, place, program, ...more });
      await assert.rejects(install(), { code: 'no-agent', message });
      await nothing();
    }
  });

  it('is given up on a signal, with all of npm', async function () {
    if (process.platform === 'win32') skip(this, 'the shim is a shell script');
    // As version managers put themselves before npm.
    const npm = put('npm', '#!/bin/sh\nnpm "$@"\nexit $?\n');
    registry.trouble = 'silence';
    const stopping = new AbortController();
    const installing = install({ npm, signal: stopping.signal });
    await Promise.race([registry.downloading, installing]);
    stopping.abort(new Error('enough'));
    await assert.rejects(installing, /enough/);
    await registry.closed;
    await nothing();
    await assert.rejects(install({ signal: stopping.signal }), /enough/);
  });

  it('is not there where npm cannot be started', async () => {
    await assert.rejects(install({ npm: join(folder, 'nowhere') }), {
      code: 'no-agent',
      message: /npm cannot be started/,
    });
    await nothing();
  });

  it('is not there where its folder cannot be made', async () => {
    storage = join(put('file', ''), 'storage');
    await assert.rejects(install(), { code: 'no-agent', message: /cannot be put into .*: ENOTDIR/ });
  });

  describe('into a file system', () => {
    const source = fileURLToPath(new URL('../../../src/core/agents/install-agent.ts', import.meta.url));
    const script = `
      const { installAgent } = await import(${JSON.stringify(pathToFileURL(source).href)});
      const { readdirSync } = await import('node:fs');
      const [id, storage] = process.argv.slice(1);
      const error = await installAgent(id, { storage }).catch(({ code, message }) => ({ code, message }));
      console.log(JSON.stringify({ error, left: readdirSync(storage) }));`;
    /** What comes of it where the folder is so, and what is left in it. */
    const installIn = async (context: Mocha.Context, ...mount: string[]) => {
      const around = ['--dev-bind', '/', '/'];
      if (spawnSync('bwrap', [...around, 'true']).status !== 0) skip(context, 'bubblewrap does not work');
      mkdirSync(storage);
      const args = [...around, ...mount, process.execPath, '--input-type=module', '-e', script, ID, storage];
      const env = registry.env(folder);
      const { stdout } = await promisify(execFile)('bwrap', args, { env, cwd: folder });
      return JSON.parse(stdout) as { error: { code: string; message: string }; left: string[] };
    };

    it('that is full is not there', async function () {
      const { error, left } = await installIn(this, '--size', String(2 ** 20), '--tmpfs', storage);
      assert.deepEqual([error.code, left], ['no-agent', []]);
      assert.match(error.message, /ENOSPC|no space left/);
    });

    it('that cannot be written is not there', async function () {
      const { error, left } = await installIn(this, '--ro-bind', storage, storage);
      assert.deepEqual([error.code, left], ['no-agent', []]);
      assert.match(error.message, /cannot be put into .*: EROFS/);
    });
  });
});
