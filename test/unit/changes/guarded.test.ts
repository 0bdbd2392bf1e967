import assert from 'node:assert/strict';
import { guardedReason } from '../../../src/core/changes/guarded.ts';
import { GUARDED } from '../../../src/core/changes/guarded-table.ts';

const isGuarded = (path: string): boolean => guardedReason(path) !== undefined;

describe('files that are set apart', () => {
  for (const path of [
    '.vscode/settings.json',
    '.vscode/tasks.json',
    'packages/a/.vscode/launch.json',
    'my.code-workspace',
    '.git/hooks/pre-commit',
    '.git/config',
    '.git',
    'sub/module/.git',
    '.gitmodules',
    '.gitattributes',
    'bare/HEAD',
    'hooks/post-checkout',
    '.husky/pre-commit',
    '.mcp.json',
    '.cursor/mcp.json',
    '.cursor/rules/a.mdc',
    '.claude/settings.json',
    '.claude/commands/x.md',
    'AGENTS.md',
    'sub/AGENTS.md',
    'CLAUDE.md',
    'CLAUDE.local.md',
    '.github/copilot-instructions.md',
    '.github/workflows/ci.yml',
    '.idea/workspace.xml',
    '.devcontainer/devcontainer.json',
    'package.json',
    'packages/a/package.json',
    'package-lock.json',
    '.npmrc',
    '.yarnrc.yml',
    '.yarn/releases/yarn.cjs',
    '.envrc',
    '.env',
    '.env.local',
    'Makefile',
    'conftest.py',
    'tests/conftest.py',
    'sitecustomize.py',
    'lib/evil.pth',
    '.bashrc',
    '.zshenv',
    '.profile',
    '.bash_profile',
    '.pre-commit-config.yaml',
    'eslint.config.mjs',
    '.eslintrc.json',
    'vite.config.ts',
    'build.rs',
    'CMakeLists.txt',
    'build.gradle.kts',
    'node_modules/x/index.js',
    '.venv/bin/python',
    '.gitignore',
    '.offloadignore',
    'git.exe',
    'desktop.ini',
  ]) {
    it(`include ${path}`, () => {
      assert.ok(isGuarded(path));
    });
  }

  for (const [path, why] of [
    ['.VSCODE/settings.json', 'case'],
    ['.VsCode/Settings.json', 'case'],
    ['.v\u017fcode/tasks.json', 'the long s'],
    ['.G\u0131T/config', 'the dotless i'],
    ['.g\u200cit/config', 'a zero-width non-joiner, ignored by HFS+'],
    ['.\u206fgit/config', 'a deprecated format character, ignored by HFS+'],
    ['\ufeff.git/config', 'a byte order mark, ignored by HFS+'],
    ['.git\u00ad/config', 'a soft hyphen, ignored by ext4 with case folding'],
    ['\uff0egit/config', 'a full-width dot, on ZFS'],
    ['.git./config', 'a trailing dot, left out by Windows'],
    ['.git . ./config', 'trailing dots and spaces, left out by Windows'],
    ['.git::$INDEX_ALLOCATION/config', 'a stream of the folder, on NTFS'],
    ['.git:x/config', 'a stream, on NTFS'],
    ['package.json::$DATA', 'the stream of the file, on NTFS'],
    ['package.json ', 'a trailing space'],
    ['GIT~1/config', 'a short name'],
    ['git~2', 'a short name'],
    ['GI7EBA~1/config', 'a hashed short name'],
    ['VSCODE~1/settings.json', 'a short name'],
    ['PACKAG~1.JSO', 'a short name with an extension'],
    ['.vscode\\settings.json', 'a backslash'],
    ['a\\.git\\config', 'backslashes'],
    ['Agents.MD', 'case'],
    ['x.CODE-WORKSPACE.', 'case and a trailing dot'],
    ['a:b.code-workspace', 'a colon, a plain character on Linux'],
    ['a:b.pth', 'a colon, a plain character on Linux'],
  ] as const) {
    it(`include ${JSON.stringify(path)}: ${why}`, () => {
      assert.ok(isGuarded(path));
    });
  }

  it('do not include what only a person runs', () => {
    for (const path of [
      'src/index.ts',
      'README.md',
      'docs/git/config.md',
      'gitignore.txt',
      'vscode/settings.json',
      'data/agents.json',
      'src/hooks/useState.ts',
      'package.json.md',
      'tsconfig.json',
      'a.py',
      'notebook.ipynb',
      'src/config.js',
      'foo~1~2.txt',
      'very-long-name~1.txt',
      'notes~.txt',
    ]) {
      assert.equal(guardedReason(path), undefined, path);
    }
  });

  it('each have a reason that is a sentence for the user', () => {
    for (const { reason } of GUARDED) assert.match(reason, /^[A-Z].{20,}\.$/);
    assert.equal(guardedReason('.git/config'), GUARDED[0]?.reason);
  });

  it('are each found by the very name that the table gives, and by its upper case', () => {
    for (const { names } of GUARDED) {
      for (const name of names.split(' ')) {
        assert.notEqual(name, '');
        const path = name.replaceAll('*', 'x');
        for (const spelling of [path, path.toUpperCase()]) {
          assert.ok(isGuarded(`sub/${spelling}${path.endsWith('/') ? 'below/it' : ''}`), spelling);
        }
        assert.ok(!/[/\\]./.test(name), `${name} is a single name`);
      }
    }
  });
});
