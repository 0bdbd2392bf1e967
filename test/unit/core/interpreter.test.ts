import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findInterpreter } from '../../../src/core/program/interpreter.ts';
import { language } from '../../support/target/language.ts';

describe('the search for an interpreter', () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'i-')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A program in a folder of its own; a binary unless it is given a text. */
  const put = (path: string, text = '\x7fELF', mode = 0o755): string => {
    const place = join(folder, path);
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, text, { mode });
    return place;
  };
  const find = (id: string, folders: string[], chosen?: string): Promise<string | undefined> =>
    findInterpreter(language(id), { env: { PATH: folders.join(delimiter) }, cwd: folder }, chosen);
  const inside = (...names: string[]): string[] => names.map((name) => join(folder, name));

  it('takes the first on PATH, by its likeliest name', async () => {
    put('one/python');
    const likeliest = put('two/python3');
    assert.equal(await find('python', inside('one', 'two')), likeliest);
    assert.equal(await find('python', inside('one')), join(folder, 'one/python'));
    put('three/python3');
    assert.equal(await find('python', inside('three', 'two')), join(folder, 'three/python3'));
  });

  it('finds none on a PATH that is empty, absent, or leads to other things', async () => {
    mkdirSync(join(folder, 'one/node'), { recursive: true });
    put('two/node', 'x', 0o644);
    symlinkSync('nothing', join(folder, 'two/python3'));
    assert.equal(await find('javascript', inside('one', 'two', 'nowhere')), undefined);
    assert.equal(await find('python', inside('two')), undefined);
    assert.equal(await find('python', ['']), undefined);
    assert.equal(await findInterpreter(language('python'), { env: {}, cwd: folder }), undefined);
  });

  it('passes over what PATH has from here: a folder must not name what is run', async () => {
    put('python3');
    put('bin/python3');
    const real = put('real/python3');
    const here = process.cwd();
    process.chdir(folder);
    try {
      assert.equal(await find('python', ['', '.', 'bin', './bin', join(folder, 'real')]), real);
    } finally {
      process.chdir(here);
    }
  });

  it('takes folders with spaces and characters of shells', async () => {
    const path = put(`a $(touch x) 'b'; c/bash`);
    assert.equal(await find('bash', inside(`a $(touch x) 'b'; c`)), path);
  });

  it('keeps a link as it is: a virtual environment is known by it', async () => {
    put('real/python3');
    mkdirSync(join(folder, 'venv'));
    symlinkSync(join(folder, 'real/python3'), join(folder, 'venv/python3'));
    assert.equal(await find('python', inside('venv')), join(folder, 'venv/python3'));
  });

  it("asks a shim what it stands for, in the program's folder", async () => {
    const real = put('real/python3');
    put('shims/python3', `#!/bin/sh\ntest "$PWD" = "${folder}" && test "$1" = -c && echo "${real}"\n`);
    assert.equal(await find('python', inside('shims', 'real')), real);
    assert.equal(await find('python', [], join(folder, 'shims/python3')), real);
    put('shims/node', `#!/bin/sh\ntest "$1" = -p && echo "${real}"\n`);
    assert.equal(await find('javascript', inside('shims')), real);
  });

  it('does not ask a script that is the interpreter of a shell', async () => {
    const path = put('one/bash', '#!/bin/sh\nexit 1\n');
    assert.equal(await find('bash', inside('one')), path);
  });

  for (const [name, text] of [
    ['fails', '#!/bin/sh\necho no version is set >&2\nexit 1\n'],
    ['says nothing', '#!/bin/sh\n'],
    ['names no absolute path', '#!/bin/sh\necho python3\n'],
    ['cannot be run', '#!/nowhere/sh\n'],
  ] as const) {
    it(`refuses a shim that ${name}`, async () => {
      put('shims/python3', text);
      await assert.rejects(find('python', inside('shims')), {
        code: 'no-interpreter',
        message: /shims\/python3 stands for no Python interpreter here\./,
      });
    });
  }

  it('takes the chosen one, and refuses one that is none', async () => {
    put('one/python3');
    const chosen = put('mine/my python');
    assert.equal(await find('python', inside('one'), chosen), chosen);
    chmodSync(chosen, 0o644);
    const mistaken = ['python3', './python3', '', join(folder, 'nothing'), join(folder, 'one'), chosen];
    for (const wrong of mistaken)
      await assert.rejects(find('python', inside('one'), wrong), {
        code: 'no-interpreter',
        fix: /absolute path/,
      });
  });
});
