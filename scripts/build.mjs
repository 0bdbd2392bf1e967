// Makes dist: the extension, the CLI, and the self-contained backend folder. Runs on Node 20.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const minify = process.argv.includes('--minify');

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify,
  sourcemap: minify ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
  metafile: true,
};

// Bundled CommonJS packages call require; an ES module has none of its own.
const requireShim =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

async function buildBackend() {
  const result = await build({
    ...shared,
    entryPoints: { server: 'backend/src/server.ts', lambda: 'backend/src/lambda.ts' },
    format: 'esm',
    outdir: join(dist, 'backend'),
    outExtension: { '.js': '.mjs' },
    write: false,
  });
  await mkdir(join(dist, 'backend'), { recursive: true });
  const hash = createHash('sha256');
  for (const file of result.outputFiles) {
    await writeFile(file.path, file.contents);
    if (!file.path.endsWith('.map')) hash.update(file.contents);
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const id = `${version}-${hash.digest('hex').slice(0, 8)}`;
  await writeFile(join(dist, 'backend', 'build.json'), JSON.stringify({ build: id }) + '\n');
}

const buildExtension = () =>
  build({
    ...shared,
    entryPoints: { extension: 'src/editor/extension.ts' },
    format: 'cjs',
    external: ['vscode'],
    outdir: dist,
    outExtension: { '.js': '.cjs' },
  });

const buildCli = () =>
  build({
    ...shared,
    entryPoints: { cli: 'src/cli.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outdir: dist,
    banner: { js: requireShim },
  });

// Tests and benchmarks build while others read: nothing is removed that is made again.
const results = await Promise.allSettled([buildBackend(), buildExtension(), buildCli()]);
if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1;
