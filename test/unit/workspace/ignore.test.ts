import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeSnapshot } from '../../../src/core/workspace/take-snapshot.ts';
import { skip } from '../../support/reporting/skip.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

describe('what a snapshot ignores', () => {
  const folder = new TestFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder.root, '-c', 'core.excludesFile=', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder.base, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  /** What Git would take of the files that are there. */
  const asGit = (): string[] =>
    git('ls-files', '-z', '--others', '--exclude-standard')
      .split('\0')
      .filter((path) => path !== '')
      .sort();

  before(function () {
    try {
      execFileSync('git', ['--version']);
    } catch {
      skip(this, 'git is not installed');
    }
  });

  const RULES = [
    ['', '*.log\n!keep.log\n/build\nnode_modules/\ndoc/*.txt\n**/tmp\na/**/z\n'],
    ['', '# comment\n\n\\#hash\n\\!bang\nspace\\ \n*.[oa]\nfoo?\n[a-c]x\n!bx\n'],
    ['', '/*\n!/a\n/a/*\n!/a/b\n'],
    ['', 'a/\n!a/b/c\n'],
    ['', '\ufeffone\r\ntwo\r\n  three\n[unclosed\n\\\n'],
    ['a/', '*.log\n!b/\n/z\nb/x.log\n'],
    ['a/b/', '!*.log\n!*\nkeep.log\n'],
    ['.git/info/exclude', 'excluded\n!build\n*.o\n'],
  ] as const;
  const PATHS = [
    ...[
      'x.log',
      'keep.log',
      'build/x',
      'src/build/x',
      'node_modules/m/i.js',
      'src/node_modules',
      'doc/a.txt',
    ],
    ...['doc/b/a.txt', 'tmp', 'x/tmp/y', 'a/z', 'a/b/z', 'a/b/c/z', 'a/b/c/x.log', 'a/b/keep.log', 'a/x.log'],
    ...[
      '#hash',
      '!bang',
      'space ',
      'm.o',
      'm.a',
      'foo',
      'foo1',
      'ax',
      'bx',
      'one',
      'two',
      'three',
      '  three',
    ],
    ...[
      'excluded',
      'a/excluded/x',
      'x.LOG',
      'a/B/z',
      'a/b/x.log',
      '[unclosed',
      'a[b]/*.c',
      'a/b/\\x',
      'ü/ñ.log',
    ],
  ];

  it('is what Git ignores, for every set of rules', async () => {
    for (let chosen = 1; chosen < 2 ** RULES.length; chosen += 3) {
      const rules = RULES.filter((_, index) => (chosen >> index) % 2 === 1);
      execFileSync('rm', ['-rf', folder.root]);
      mkdirSync(folder.root);
      git('init', '-q');
      for (const path of PATHS) folder.put(path, '');
      const texts = new Map<string, string>();
      for (const [place, text] of rules) {
        const file = place.endsWith('exclude') ? place : `${place}.gitignore`;
        texts.set(file, (texts.get(file) ?? '') + text);
      }
      for (const [file, text] of texts) folder.put(file, text);
      assert.deepEqual(await folder.paths(), asGit(), JSON.stringify([...texts]));
    }
  });

  it('is known without a repository too, and named so far as it is not taken', async () => {
    folder.put('.gitignore', 'a/\n*.log\n');
    for (const path of ['a/b/c', 'b/x.log', 'b/y']) folder.put(path);
    const taken = await folder.take();
    assert.deepEqual(
      taken.snapshot.entries.map(({ path }) => path),
      ['.gitignore', 'b/y'],
    );
    assert.deepEqual(taken.leftOut, [
      { path: 'a/', reason: 'ignored' },
      { path: 'b/x.log', reason: 'ignored' },
    ]);
    assert.equal(taken.ignored, 2);
  });

  it('follows from the rules above a folder of a repository, which is taken even where they ignore it', async () => {
    git('init', '-q');
    folder.put('.gitignore', '*.log\nout/\n');
    folder.put('.git/info/exclude', 'excluded\n');
    folder.put('.offloadignore', 'private\n');
    folder.put('a/.gitignore', '/b/local\n');
    for (const path of ['x.log', 'excluded', 'private', 'local', 'kept', 'out/y']) {
      folder.put(`a/b/${path}`);
      folder.put(`out/in/${path}`);
    }
    const below = async (path: string): Promise<string[]> =>
      (await takeSnapshot({ roots: [{ path: folder.at(path) }] })).snapshot.entries.map((each) => each.path);
    assert.deepEqual(await below('a/b'), ['kept']);
    assert.deepEqual(await below('out/in'), ['kept', 'local']);
    assert.deepEqual(await below('out'), ['in/kept', 'in/local']);
  });

  it('in a repository within another follows from its own rules', async () => {
    git('init', '-q');
    folder.put('.gitignore', '*.log\n');
    folder.put('.git/modules/m/info/exclude', 'excluded\n');
    folder.put('inner/.git/info/exclude', 'excluded\n');
    folder.put('module/.git', 'gitdir: ../.git/modules/m\n');
    for (const path of ['x.log', 'excluded']) {
      for (const place of ['', 'inner/', 'module/']) folder.put(place + path);
    }
    assert.deepEqual(await folder.paths(), ['.gitignore', 'excluded', 'inner/x.log', 'module/x.log']);
  });

  it('in a further work tree follows from the list of its repository', async () => {
    git('init', '-q');
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x');
    git('worktree', 'add', '-q', join(folder.base, 'tree'));
    folder.put('.git/info/exclude', 'excluded\n');
    writeFileSync(join(folder.base, 'tree', 'excluded'), '');
    writeFileSync(join(folder.base, 'tree', 'kept'), '');
    const taken = await takeSnapshot({ roots: [{ path: join(folder.base, 'tree') }] });
    assert.deepEqual(
      taken.snapshot.entries.map(({ path }) => path),
      ['kept'],
    );
  });

  it('is what .offloadignore says before all else', async () => {
    folder.put('.gitignore', 'dist/\n*.log\n.env\n');
    folder.put('.offloadignore', '!dist/\n!keep.log\n/data\ndist/big\n');
    folder.put('a/.gitignore', '!data2\nkeep.log\n');
    folder.put('a/.offloadignore', 'data2\n*.md\n!dist/\n');
    const [taken, left] = [
      ['dist/x', 'dist/sub/y', 'keep.log', 'a/keep.log', 'a/data', 'a/dist/z', 'b/dist/x', 'x.md'],
      ['dist/big', 'dist/x.log', 'x.log', 'data/x', 'a/data2', 'a/x.md', 'a/b/x.md', '.env'],
    ];
    for (const path of [...taken, ...left]) folder.put(path);
    const rules = ['.gitignore', '.offloadignore', 'a/.gitignore', 'a/.offloadignore'];
    assert.deepEqual(await folder.paths(), [...rules, ...taken].sort());
  });

  it('is not known from rules that are a link, a folder or a pipe', async () => {
    writeFileSync(join(folder.base, 'rules'), '*\n');
    symlinkSync(join(folder.base, 'rules'), folder.at('.gitignore'));
    mkdirSync(folder.at('.offloadignore'));
    folder.put('a/b');
    execFileSync('mkfifo', [folder.at('a/.gitignore')]);
    assert.deepEqual(await folder.paths(), ['.gitignore', 'a/b']);
  });

  it('is not guessed at where rules are too large to be read', async () => {
    folder.put('.offloadignore', 'x'.repeat(1024 * 1024 + 1));
    await assert.rejects(folder.take(), {
      code: 'bad-setting',
      message: /\.offloadignore is larger than 1 MB/,
    });
  });
});
