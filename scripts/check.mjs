// npm run check: types, lint, format and dependency rules; all of them run, also when one fails.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { main } from './setup/main.mjs';
import { node24 } from './setup/node24.mjs';
import { root, say } from './setup/project.mjs';

const modules = join(root, 'node_modules');
const lint = { name: 'lint', script: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] };
const others = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['--noEmit'] },
  // The page runs in a browser, so that it has types of its own.
  { name: 'types of the page', script: 'typescript/bin/tsc', args: ['--noEmit', '--project', 'webview'] },
  { name: 'format', script: 'prettier/bin/prettier.cjs', args: ['--check', '--log-level', 'warn', '.'] },
  {
    name: 'dependency rules',
    script: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: [
      '--config',
      '.dependency-cruiser.cjs',
      ...['src', 'backend', 'webview', 'test', 'bench'].filter((folder) => existsSync(join(root, folder))),
    ],
  },
];

await main(async () => {
  await ensureDependencies();
  const folder = mkdtempSync(join(tmpdir(), 'offload-check-'));
  const failed = [];
  const check = async ({ name, script, args }, log) => {
    if ((await run(node24().path, [join(modules, script), ...args], { cwd: root, log })) !== 0)
      failed.push(name);
  };
  try {
    // It takes as long as all others, runs beside them, and is shown when it is its turn.
    const log = join(folder, 'lint.log');
    const linted = check(lint, log);
    linted.catch(() => undefined);
    for (const each of others) {
      say(`checking ${each.name}`);
      await check(each);
    }
    say(`checking ${lint.name}`);
    await linted;
    process.stdout.write(readFileSync(log));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});
