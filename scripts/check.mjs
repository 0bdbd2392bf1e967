// npm run check: types, lint, format and dependency rules; all of them run, also when one fails.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { main } from './setup/main.mjs';
import { node24 } from './setup/node24.mjs';
import { root, say } from './setup/project.mjs';

const modules = join(root, 'node_modules');
const checks = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['--noEmit'] },
  // The page runs in a browser, so that it has types of its own.
  { name: 'types of the page', script: 'typescript/bin/tsc', args: ['--noEmit', '--project', 'webview'] },
  { name: 'lint', script: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
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
  const failed = [];
  for (const { name, script, args } of checks) {
    say(`checking ${name}`);
    if ((await run(node24().path, [join(modules, script), ...args], { cwd: root })) !== 0) failed.push(name);
  }
  say(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});
