// npm run package: the VSIX of each platform, or with --out the one of this machine. Runs on Node 20.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { main } from './setup/main.mjs';
import { node24 } from './setup/node24.mjs';
import { SetupError, root, say } from './setup/project.mjs';

/** VS Code's names of the platforms that the extension is made for. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];

const help = `npm run package -- [--out FILE]

Makes dist/packages/offload-PLATFORM-VERSION.vsix for ${PLATFORMS.join(', ')}.

--out FILE  only the one for this machine, into FILE
`;

await main(async () => {
  const { values } = parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  await ensureDependencies();
  await must(node24().path, [join(root, 'scripts', 'build.mjs'), '--minify'], 'The build');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const own = `${process.platform}-${process.arch}`;
  const wanted =
    values.out === undefined
      ? PLATFORMS.map((platform) => [
          platform,
          join('dist', 'packages', `offload-${platform}-${version}.vsix`),
        ])
      : [[PLATFORMS.includes(own) ? own : undefined, resolve(values.out)]];
  for (const [platform, file] of wanted) await packageFor(platform, file);
  return 0;
});

async function packageFor(platform, file) {
  mkdirSync(dirname(resolve(root, file)), { recursive: true });
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = ['package', '--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
  const target = platform === undefined ? [] : ['--target', platform];
  await must(node24().path, [vsce, ...args, ...target, '--out', file], 'Packaging');
  if (!existsSync(resolve(root, file))) throw new SetupError(`Packaging made no ${file}.`);
  say(`${file}: ${(statSync(resolve(root, file)).size / 1024).toFixed(0)} kB`);
}

async function must(program, args, what) {
  const code = await run(program, args, { cwd: root });
  if (code !== 0) throw new SetupError(`${what} failed with exit code ${code}; its message is above.`);
}
