import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { catalogAgent } from '../../../src/core/agents/catalog.ts';
import { findAgent, locateAgent } from '../../../src/core/agents/find-agent.ts';
import { thisPlatform } from '../../../src/core/agents/platform.ts';
import { skip } from '../../support/reporting/skip.ts';

describe('an agent’s program', () => {
  let folder: string;
  const at = (...parts: string[]): string => join(folder, ...parts);
  const put = (path: string, text: string, mode = 0o755): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const claude = catalogAgent('claude-code');
  const own = join('node_modules', claude.packages(thisPlatform())[0], claude.place);
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
    const stored = real(at('storage', `claude-code-${claude.version}`, own));
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
    assert.equal(found?.program, realpathSync('/bin/true'));
    rmSync(beside);
    assert.equal(await findAgent('claude-code', { path: at('bin') }), undefined);
  });

  it('is the build for any processor where there are several', async function () {
    if (process.arch !== 'x64') skip(this, 'only x64 has several');
    const { packages, place } = catalogAgent('opencode');
    const script = put(at('lib', 'node_modules', 'opencode-ai', 'bin', 'opencode'), '#!/usr/bin/env node\n');
    const builds = packages(thisPlatform()).map((name) => put(at('lib', 'node_modules', name, place), 'x'));
    mkdirSync(at('bin'));
    symlinkSync(script, at('bin', 'opencode'));
    const located = async () => (await locateAgent('opencode', { path: at('bin') }))?.program;
    const [baseline = '', usual = ''] = builds;
    assert.equal(await located(), realpathSync(baseline));
    assert.match(baseline, /-baseline/);
    rmSync(baseline);
    assert.equal(await located(), realpathSync(usual));
  });

  it('says so where the processor cannot run it', async () => {
    // Without a `#!` line execvp(3) has a text run by the shell: it stands for a platform's own program.
    const setting = put(at('claude'), 'kill -ILL $$\n');
    await assert.rejects(findAgent('claude-code', { setting }), {
      code: 'no-agent',
      message: /does not run as Claude Code: .*processor/,
    });
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
