import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cachedInstall } from './cached-install.mjs';
import { Interrupted, machinePath, output, run } from './command.mjs';
import { npm } from './npm.mjs';
import { SetupError, Unfit, cacheFolder, root, say } from './project.mjs';
import { ensurePackages, lacking, lambdaPackages } from './system-packages.mjs';

const manifests = ['package.json', 'package-lock.json'];

/** All of the package that is needed once it is built. */
const built = ['index.mjs', 'rapid-client.node', 'package.json', 'LICENSE', 'NOTICE'];

/**
 * AWS's runtime interface client (the npm package `aws-lambda-ric`, which runs a Lambda handler), built from the
 * sources in its package when it is not in the cache yet: about a minute, once for all clones. Where it
 * cannot be built it throws a SetupError.
 * @param {string} node24 the Node 24 that will run it
 * @returns {Promise<string>} the folder with its `index.mjs`
 */
export async function ensureLambdaRuntime(node24) {
  if (process.platform !== 'linux')
    throw new Unfit(`the Lambda runtime client builds on Linux only (this is ${process.platform})`);
  try {
    const node = realpathSync(node24);
    return await cachedInstall('lambda-runtime', await runtimeKey(node), (folder) => build(folder, node));
  } catch (error) {
    if (error instanceof Interrupted || error instanceof Unfit) throw error;
    throw new SetupError(`the Lambda runtime client could not be built: ${error.message}`);
  }
}

/**
 * The client that an earlier `ensureLambdaRuntime` built for this Node; undefined without one.
 * @param {{ node24: string }} options
 * @returns {Promise<string | undefined>} its folder
 */
export async function findLambdaRuntime({ node24 }) {
  const folder = join(cacheFolder(), `lambda-runtime-${await runtimeKey(node24)}`);
  return existsSync(folder) ? folder : undefined;
}

/** What the build depends on: the locked packages, and the Node and platform that it is compiled for. */
async function runtimeKey(node) {
  const hash = createHash('sha256');
  for (const name of manifests) hash.update(readFileSync(join(root, 'test', 'lambda-runtime', name)));
  hash.update(`${await output(node, ['--version'])} ${process.platform} ${process.arch}`);
  return hash.digest('hex').slice(0, 16);
}

async function build(folder, node) {
  const headers = dirname(dirname(node));
  if (!existsSync(join(headers, 'include', 'node', 'node.h'))) {
    throw new Error(`the headers of Node are not beside ${node}; run npm ci in the project`);
  }
  const missing = await ensurePackages(lambdaPackages);
  if (missing.length > 0) throw lacking(`the Lambda runtime client needs Debian's ${missing.join(', ')}`);
  say('building the Lambda runtime client from its sources: about a minute, once for all clones');
  // Neither curl's configure nor node-gyp copes with a space in a path.
  const work = mkdtempSync(join(/\s/.test(folder) ? tmpdir() : folder, 'sources-'));
  try {
    symlinkSync(headers, join(work, 'node'));
    const client = await compile(work, node);
    for (const name of built) copyFileSync(join(client, name), join(folder, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  await checkThatItLoads(join(folder, 'rapid-client.node'), node);
}

/** Downloads the package into `work` and compiles it there; gives the package's folder. */
async function compile(work, node) {
  for (const name of manifests) copyFileSync(join(root, 'test', 'lambda-runtime', name), join(work, name));
  mkdirSync(cacheFolder(), { recursive: true });
  const file = join(cacheFolder(), 'lambda-runtime-install.log');
  rmSync(file, { force: true });
  const step = async (what, code) => {
    if ((await code) !== 0) throw new Error(`${what} failed; see ${file}`);
  };
  // Its scripts are run by hand: npm 12 leaves install scripts out and says that all went well.
  const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  await step(`npm ci of aws-lambda-ric`, npm(install, { node, cwd: work, log: file }));
  const client = join(work, 'node_modules', 'aws-lambda-ric');
  const env = {
    ...process.env,
    PATH: [dirname(node), machinePath()].join(delimiter),
    // A user's own npm settings may point node-gyp at the headers of another Node.
    npm_config_nodedir: join(work, 'node'),
    npm_package_config_node_gyp_nodedir: join(work, 'node'),
  };
  for (const script of ['preinstall.sh', 'postinstall.sh']) {
    const code = run('/bin/sh', [join(client, 'scripts', script)], { cwd: client, env, log: file });
    await step(`aws-lambda-ric's ${script}`, code);
  }
  return client;
}

async function checkThatItLoads(library, node) {
  // It reads this address as it loads, and dies without one; nothing connects to it.
  const env = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9' };
  const loaded = await output(node, ['-p', 'typeof require(process.argv[1]).next', library], { env });
  if (loaded !== 'function') throw new Error(`${library} was built, but Node cannot load it`);
}
