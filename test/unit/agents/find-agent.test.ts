import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { catalogAgent } from '../../../src/core/agents/catalog.ts';
import { findAgent, locateAgent } from '../../../src/core/agents/find-agent.ts';
import { installAgent } from '../../../src/core/agents/install-agent.ts';

describe('an agent’s program', () => {
  let folder: string;
  const at = (...parts: string[]): string => join(folder, ...parts);
  const put = (path: string, text: string, mode = 0o755): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const own = catalogAgent('claude-code').places(process.platform, process.arch)[0] ?? '';
  /** One that runs: the machine's own `true` says nothing, and is a program of the platform. */
  const real = (path: string): string => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync('/bin/true', path);
    return path;
  };

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'a-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the one that is set, else the first on PATH, else the one that was installed', async () => {
    const set = real(at('set', 'claude'));
    const onPath = real(at('bin', 'claude'));
    const stored = real(at('storage', `claude-code-${catalogAgent('claude-code').package.version}`, own));
    const sources = { setting: set, path: `${at('nothing')}:${at('bin')}`, storage: at('storage') };
    assert.equal((await findAgent('claude-code', sources))?.from, 'setting');
    assert.equal((await findAgent('claude-code', { ...sources, setting: '' }))?.from, 'path');
    rmSync(onPath);
    assert.equal((await findAgent('claude-code', { ...sources, setting: undefined }))?.from, 'storage');
    rmSync(stored);
    assert.equal(await findAgent('claude-code', { ...sources, setting: undefined }), undefined);
  });

  it('is the platform’s own where PATH has a package’s script', async () => {
    const script = put(
      at('lib', 'node_modules', '@anthropic-ai', 'claude-code', 'cli.js'),
      '#!/usr/bin/env node\n',
    );
    const beside = real(at('lib', own));
    mkdirSync(at('bin'));
    symlinkSync(script, at('bin', 'claude'));
    const found = await findAgent('claude-code', { path: at('bin') });
    assert.notEqual(found?.program, script);
    rmSync(beside);
    assert.equal(await findAgent('claude-code', { path: at('bin') }), undefined);
  });

  it('is where its user says for an agent that the catalog does not have', async () => {
    const chosen = real(at('mine'));
    assert.equal((await locateAgent('other', { setting: chosen }))?.program, chosen);
    for (const id of ['other', 'constructor']) assert.equal(await locateAgent(id, { path: at() }), undefined);
    for (const setting of [put(at('text'), '', 0o644), at(), at('none'), 'mine'])
      await assert.rejects(locateAgent('other', { setting }), { code: 'no-agent' });
  });

  it('is refused where what is set is none, or does not run', async () => {
    for (const setting of ['claude', at('nothing'), put(at('plain'), 'x', 0o644)])
      await assert.rejects(findAgent('claude-code', { setting }), { code: 'no-agent' });
    const broken = at('broken');
    symlinkSync('/bin/false', broken);
    await assert.rejects(findAgent('claude-code', { setting: broken }), { code: 'no-agent' });
    await assert.rejects(findAgent('nobody', {}), { code: 'no-agent' });
  });

  describe('that is installed', () => {
    /** An npm that puts the program where it belongs, as the real one does, or fails. */
    const npm = (does: string): string => put(at('npm'), `#!/bin/sh\n${does}\n`);
    const makes = `for a; do case "$p" in --prefix) d="$a";; esac; p="$a"; done
      mkdir -p "$d/$(dirname ${own})"; cp /bin/true "$d/${own}"; echo added 2 packages`;

    it('lies in a folder of its version, once, and is found there', async () => {
      const lines: string[] = [];
      const options = { storage: at('storage'), npm: npm(makes), onLine: (line: string) => lines.push(line) };
      const [one, two] = await Promise.all([
        installAgent('claude-code', options),
        installAgent('claude-code', options),
      ]);
      assert.equal(one, two);
      assert(existsSync(one));
      assert(lines.includes('added 2 packages'));
      assert.equal(readdirSync(at('storage')).length, 1, 'nothing half made is left');
      assert.equal((await findAgent('claude-code', { storage: at('storage') }))?.program, one);
      npm('exit 1');
      assert.equal(await installAgent('claude-code', options), one, 'it is not installed again');
    });

    it('is not there where npm fails, brings nothing for this platform, or cannot be started', async () => {
      const storage = at('storage');
      for (const [does, says] of [
        ['echo no such package >&2; exit 1', /no such package/],
        ['exit 0', /no program for this platform/],
      ] as const) {
        await assert.rejects(installAgent('claude-code', { storage, npm: npm(does) }), {
          code: 'no-agent',
          message: says,
        });
        assert.deepEqual(readdirSync(storage), []);
      }
      await assert.rejects(installAgent('claude-code', { storage, npm: at('nowhere') }), {
        code: 'no-agent',
      });
    });

    it('is given up on a signal', async () => {
      const stopping = new AbortController();
      const installing = installAgent('claude-code', {
        storage: at('storage'),
        npm: npm('echo begun; exec sleep 60'),
        onLine: () => {
          stopping.abort(new Error('enough'));
        },
        signal: stopping.signal,
      });
      await assert.rejects(installing, /enough/);
      assert.deepEqual(readdirSync(at('storage')), []);
    });
  });

  it('is asked for its version without anything of its user’s', async () => {
    // Without a `#!` line execvp(3) has a text run by the shell: it stands for a platform's own program.
    const setting = put(at('claude'), 'echo "$1 $HOME"; env | grep SECRET >&2 && exit 1; exit 0\n');
    process.env['SECRET'] = 'made up';
    try {
      const { version = '' } = (await findAgent('claude-code', { setting })) ?? {};
      assert.match(version, /^--version /);
      assert(!version.includes(process.env['HOME'] ?? 'no home'));
    } finally {
      delete process.env['SECRET'];
    }
  });
});
