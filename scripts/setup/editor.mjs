import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachedInstall } from './cached-install.mjs';
import { output } from './command.mjs';
import { node24 } from './node24.mjs';
import { npm } from './npm.mjs';
import { SetupError, cacheFolder, root, say } from './project.mjs';
import { kerberosHeaders } from './system-packages.mjs';

const manifests = ['package.json', 'package-lock.json'];

/** The editor's native modules that are built from source where its own install script cannot run to its end. */
const nativeModules =
  '@vscode/spdlog node-pty @vscode/native-watchdog @parcel/watcher @vscode/fs-copyfile @vscode/sqlite3 @vscode/deviceid';

/**
 * The test editor (code-server: VS Code's workbench in the browser), installed when it is missing, which takes
 * minutes. Gives the path of its entry script, to be run with Node 24. Throws a SetupError when it cannot be built.
 */
export async function ensureEditor() {
  const folder = await cachedInstall('editor', await editorKey(), installEditor);
  return join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
}

/** What the install depends on: the locked packages, and the Node and platform that native modules are built for. */
async function editorKey() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'test', 'editor', 'package-lock.json')));
  hash.update(`${await output(node24().path, ['--version'])} ${process.platform} ${process.arch}`);
  return hash.digest('hex').slice(0, 16);
}

async function installEditor(folder) {
  say('installing the test editor: about 620 MB, some minutes, once for all clones');
  for (const name of manifests) copyFileSync(join(root, 'test', 'editor', name), join(folder, name));
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), 'editor-install.log');
  rmSync(log, { force: true });
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const timer = setInterval(() => say(`still installing the test editor (${seconds()} s)`), 20_000);
  try {
    if (!(kerberosHeaders() && (await installWithScripts(folder, log)))) await installByParts(folder, log);
  } finally {
    clearInterval(timer);
  }
  say(`the test editor is installed (${seconds()} s)`);
}

/** The package's own way; its `kerberos` module needs the headers of libkrb5-dev. */
async function installWithScripts(folder, log) {
  if ((await step(['ci', '--foreground-scripts'], folder, log)) === 0) return true;
  say('its own install script failed; installing it by parts');
  return false;
}

/** The same without `kerberos`, which nothing here uses: no install scripts, then the native modules by name. */
async function installByParts(folder, log) {
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const steps = [
    [['ci', '--ignore-scripts'], folder],
    // Not `ci`: the shrinkwrap that the package ships is not complete.
    [['install', '--omit=dev', '--ignore-scripts'], vscode],
    [['install', '--omit=dev', '--ignore-scripts'], join(vscode, 'extensions')],
    [['rebuild', ...nativeModules.split(' ')], vscode],
  ];
  for (const [args, cwd] of steps) {
    if ((await step(args, cwd, log)) === 0) continue;
    throw new SetupError(
      `the test editor could not be installed (npm ${args[0]} failed; see ${log}): ` +
        'it takes a C++ compiler, make, python3 and the npm registry',
    );
  }
}

function step(args, cwd, log) {
  const { path, headers } = node24();
  return npm([...args, '--no-audit', '--no-fund'], {
    node: path,
    cwd,
    log,
    env: {
      PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
      ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    },
  });
}
