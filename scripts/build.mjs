// Makes dist: the extension, the chat's page, the CLI, and the self-contained backend folder. Runs on Node 20.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

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

/** Entries, and chunks beside them: what they share, and what is loaded when it is first needed (the AWS SDK). */
async function buildBackend() {
  const backend = {
    ...shared,
    format: 'esm',
    outdir: join(dist, 'backend'),
    outExtension: { '.js': '.mjs' },
    banner: { js: requireShim },
    write: false,
  };
  const result = await build({
    ...backend,
    entryPoints: {
      server: 'backend/src/server.ts',
      control: 'backend/src/control/main.ts',
      runner: 'backend/src/runner/main.ts',
      'lambda-local': 'backend/src/lambda-local/main.ts',
    },
    splitting: true,
    chunkNames: '[name]-[hash]',
  });
  // It is seen in boxes, and nothing else of the backend is.
  const bridge = await build({
    ...backend,
    entryPoints: { bridge: 'backend/src/loopback/bridge.ts' },
  });
  await mkdir(join(dist, 'backend'), { recursive: true });
  const hash = createHash('sha256');
  // The entries come last: what they name is there.
  const files = [...bridge.outputFiles, ...result.outputFiles.reverse()];
  for (const file of files) {
    await writeFile(file.path, file.contents);
    if (!file.path.endsWith('.map')) hash.update(file.contents);
  }
  if (minify) await removeOthers(join(dist, 'backend'), new Set(files.map(({ path }) => path)));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const id = `${version}-${hash.digest('hex').slice(0, 8)}`;
  const made = files
    .map(({ path }) => relative(join(dist, 'backend'), path))
    .filter((path) => !path.endsWith('.map'));
  const copied = await copyDeployed();
  const manifest = {
    build: id,
    files: [...made, ...copied].map((path) => path.replaceAll('\\', '/')).sort(),
  };
  await writeFile(join(dist, 'backend', 'build.json'), JSON.stringify(manifest) + '\n');
}

/** What of the backend is not built: the image's description, the template. Gives their paths in the folder. */
async function copyDeployed() {
  const image = (await readdir(join(root, 'backend', 'image'), { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => join('image', name));
  const names = ['Dockerfile', 'buildspec.yaml', 'template.yaml', ...image];
  await mkdir(join(dist, 'backend', 'image'), { recursive: true });
  for (const name of names) await copyFile(join(root, 'backend', name), join(dist, 'backend', name));
  return names;
}

/**
 * An entry that is read at every start, and chunks that are loaded when they are first needed. esbuild splits ES modules
 * alone, so they are made first, and each is then put into the form that VS Code loads.
 */
async function buildExtension() {
  const sourcemap = minify ? false : 'inline';
  const result = await build({
    ...shared,
    sourcemap,
    entryPoints: { extension: 'src/editor/extension.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/editor/[name]-[hash]',
    external: ['vscode'],
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    write: false,
  });
  const chunks = join(dist, 'chunks', 'editor');
  await mkdir(chunks, { recursive: true });
  // The entry comes last: what it names is there.
  for (const { path, text } of result.outputFiles.reverse()) {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: shared.target,
      minify,
      sourcemap,
      legalComments: 'none',
      supported: { 'dynamic-import': false },
    });
    await writeFile(path, code);
  }
  if (minify) await removeOthers(chunks, new Set(result.outputFiles.map(({ path }) => path)));
}

/** As esbuild names a chunk: with its hash. */
const CHUNK = /-[A-Z0-9]{8}\.[cm]?js(\.map)?$/;

/** What is packaged holds no chunk of an earlier build. */
async function removeOthers(folder, made) {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (CHUNK.test(name) && !made.has(path)) await rm(path, { force: true });
  }
}

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

/** The thread that looks for secrets, which the extension and the CLI start by its file. */
const buildScanner = () =>
  build({
    ...shared,
    entryPoints: { 'secret-scanner': 'src/core/workspace/secret-scanner.ts' },
    format: 'esm',
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    banner: { js: requireShim },
  });

/** The chat's page: one script and one style, small because a view loads them each time it is shown. */
const buildWebview = () =>
  build({
    ...shared,
    entryPoints: { chat: 'webview/main.ts', 'chat-style': 'webview/styles/chat.css' },
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: true,
    sourcemap: false,
    outdir: join(dist, 'webview'),
  });

// Tests and benchmarks build while others read: nothing is removed that is made again.
const results = await Promise.allSettled([
  buildBackend(),
  buildExtension(),
  buildCli(),
  buildScanner(),
  buildWebview(),
]);
for (const { status, reason } of results) {
  if (status === 'fulfilled') continue;
  process.exitCode = 1;
  // esbuild has shown its own messages.
  if (reason?.errors === undefined) console.error(reason);
}
