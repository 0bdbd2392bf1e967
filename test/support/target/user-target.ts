import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { endProcessesOf } from '../../../scripts/setup/processes.mjs';
import { publicAddress } from '../../../src/core/local/address.ts';
import { readBackendBuild } from '../../../src/core/local/backend-build.ts';
import { exchange, keptConnections } from '../../../src/core/local/exchange.ts';
import { readToken } from '../../../src/core/local/private-folder.ts';
import { RemoteSandbox } from '../../../src/core/remote-sandbox.ts';
import { skip } from '../reporting/skip.ts';
import { start, type Ended } from '../cli/started.ts';
import { dist } from './local-target.ts';
import type { Target } from './target.ts';

/** nobody, who has no rights at all. */
const USER = 65534;

/** What the user without rights has of its own, in a folder that both it and root can enter. */
export interface UserInstallation {
  folder: string;
  /** Runs the CLI as that user, with a starter's environment of its own. */
  cli(...args: string[]): Promise<Ended>;
  /** Runs it as the root of a user namespace of that user's, as in a container without rights; after a command there. */
  cliAsInnerRoot(before: string, ...args: string[]): Promise<Ended>;
  remove(): Promise<void>;
}

/** A copy of the built CLI and backend, run as a user without rights. Skips where the tests do not run as root. */
export function userInstallation(
  context: Mocha.Context,
  prepare?: (backend: string) => void,
): UserInstallation {
  if (process.getuid?.() !== 0)
    skip(context, 'only root can become another user; the other tests run as one');
  const folder = mkdtempSync('/tmp/o-');
  chmodSync(folder, 0o755);
  cpSync(dist, join(folder, 'dist'), { recursive: true, filter: (path) => !/\.map$|extension/.test(path) });
  prepare?.(join(folder, 'dist', 'backend'));
  const own = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, USER, USER);
    return path;
  };
  const env = {
    PATH: process.env['PATH'],
    HOME: own('h'),
    XDG_RUNTIME_DIR: own('r'),
    XDG_STATE_HOME: own('s'),
  };
  const as = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups', '--'];
  const cli = [reachableNode(folder), join(folder, 'dist', 'cli.js')];
  const asUser = (command: string[]): Promise<Ended> =>
    start('setpriv', [...as, ...command], { env, cwd: folder }).ended;
  return {
    folder,
    cli: (...args) => asUser([...cli, ...args]),
    cliAsInnerRoot: (before, ...args) =>
      asUser([
        'unshare',
        '--user',
        '--map-root-user',
        'sh',
        '-c',
        `${before} && exec "$@"`,
        'sh',
        ...cli,
        ...args,
      ]),
    remove: async () => {
      await endProcessesOf(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The local sandbox as most people have it: its server has no rights of root. */
export async function userTarget(
  context: Mocha.Context,
  prepare?: (backend: string) => void,
): Promise<Target & { folder: string }> {
  const installation = userInstallation(context, prepare);
  const { folder } = installation;
  const agent = keptConnections();
  try {
    const { code, stderr } = await installation.cli('runs');
    assert.equal(code, 0, stderr);
    const runtime = join(folder, 'r', 'offload');
    const { id } = await readBackendBuild(join(folder, 'dist', 'backend'));
    const peer = { address: publicAddress(runtime, id), token: await readToken(runtime), agent };
    const sandbox = new RemoteSandbox({
      send: (request, signal) => exchange(peer, request, signal),
      dispose: () => {
        agent.destroy();
      },
    });
    const { capabilities } = await sandbox.environment();
    const dispose = async (): Promise<void> => {
      sandbox.dispose();
      await installation.remove();
    };
    return { sandbox, capabilities, folder, dispose };
  } catch (error) {
    await installation.remove();
    throw error;
  }
}

/** This Node, or a copy of it where it lies in a folder that is root's alone. */
function reachableNode(folder: string): string {
  for (let path = process.execPath; path !== dirname(path); path = dirname(path)) {
    if ((statSync(path).mode & 0o005) === 0o005) continue;
    const copy = join(folder, 'node');
    copyFileSync(process.execPath, copy, constants.COPYFILE_FICLONE);
    chmodSync(copy, 0o755);
    return copy;
  }
  return process.execPath;
}
