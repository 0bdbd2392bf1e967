import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { findProgram, machinePath, output, run } from './command.mjs';
import { SetupError } from './project.mjs';

/** What npm tells the scripts that it runs about themselves; an npm inside such a script would take it for its own settings. */
const aboutTheScript =
  /^(npm_(command|execpath|node_execpath|lifecycle_.*|package_.*)|npm_config_(user_agent|prefix|local_prefix|global_prefix|node_gyp|npm_version)|INIT_CWD|NODE)$/i;

/**
 * Runs the machine's npm with the given Node and appends what it prints to the file `log`, or shows it.
 * Gives npm's exit code. The user's own settings (registry, certificates) hold also under another Node, which
 * alone would look for the machine-wide ones beside itself.
 */
export async function npm(args, { node = process.execPath, cwd, env = {}, log } = {}) {
  const command = npmCommand(node);
  return run(command.file, [...command.args, ...args], {
    cwd,
    log,
    env: { ...(await npmEnvironment(node)), ...env },
  });
}

function npmCommand(node) {
  const script = [process.env.npm_execpath, findProgram('npm')]
    .filter((path) => path !== undefined && existsSync(path))
    .map((path) => realpathSync(path));
  const cli = script.find((path) => path.endsWith('npm-cli.js'));
  if (cli !== undefined) return { file: node, args: [cli] };
  const wrapper = script.at(-1);
  if (wrapper !== undefined) return { file: wrapper, args: [] };
  throw new SetupError('npm is not on the PATH; install Node.js 20 or later with npm');
}

async function npmEnvironment(node) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !aboutTheScript.test(name)));
  const path = machinePath();
  env.PATH = [dirname(node), path].join(delimiter);
  // Node's own certificate list lacks those that a company's proxy is trusted by.
  env.NODE_USE_SYSTEM_CA ??= '1';
  env.npm_config_globalconfig ??= await machineWideSettings({ ...env, PATH: path });
  if (env.npm_config_globalconfig === undefined) delete env.npm_config_globalconfig;
  return env;
}

/** The file of npm's machine-wide settings, as the npm on the PATH sees it; undefined when there is none. */
async function machineWideSettings(env) {
  const npmOnPath = findProgram('npm', env.PATH);
  const file = npmOnPath && (await output(npmOnPath, ['config', 'get', 'globalconfig'], { env }));
  return file && existsSync(file) ? file : undefined;
}
