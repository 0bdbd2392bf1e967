import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OffloadError } from '../../protocol/error.ts';
import { publicAddress } from './address.ts';
import type { BackendBuild } from './backend-build.ts';
import type { Folders } from './folders.ts';
import { tokenFile } from './private-folder.ts';

const run = promisify(execFile);

/** Milliseconds that a server may take to be ready. */
const START_TIMEOUT = 20_000;
/** Bytes of log that are kept from one start to the next. */
const MAX_LOG_BYTES = 1024 * 1024;

/** What a server needs of its starter's environment; the rest stays out of it. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'LANG',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_STATE_HOME',
  'SystemRoot',
  'TEMP',
];

/** Where the server of this user says what went wrong. */
export const serverLog = (folders: Folders): string => join(folders.state, 'server.log');

/**
 * Starts the server as a process of its own, which outlives this one, and waits until it listens.
 * @throws OffloadError `no-backend` with what it said
 */
export async function startServer(
  build: BackendBuild,
  folders: Folders,
  options: { quietSeconds?: number | undefined } = {},
): Promise<void> {
  await mkdir(folders.state, { recursive: true, mode: 0o700 });
  const log = serverLog(folders);
  const before = await stat(log).catch(() => undefined);
  const logFd = openSync(log, (before?.size ?? 0) > MAX_LOG_BYTES ? 'w' : 'a', 0o600);
  const from = (before?.size ?? 0) > MAX_LOG_BYTES ? 0 : (before?.size ?? 0);
  const [command, ...args] = [
    ...(await ownMounts()),
    process.execPath,
    join(build.folder, 'server.mjs'),
    ...['--runtime', folders.runtime, '--state', folders.state, '--build', build.id],
    ...['--address', publicAddress(folders.runtime, build.id), '--token-file', tokenFile(folders.runtime)],
    ...(options.quietSeconds === undefined ? [] : ['--quiet-seconds', String(options.quietSeconds)]),
  ];
  try {
    const privateMounts = command === process.execPath ? [] : ['--private-mounts'];
    const program = command ?? process.execPath;
    const child = spawn(program, [...args, ...privateMounts], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', 'pipe', logFd],
      env: serverEnvironment(),
    });
    await ready(child);
    child.stdout?.destroy();
    child.removeAllListeners();
    child.unref();
  } catch (cause) {
    const said = (await readFile(log, 'utf8').catch(() => ''))
      .slice(from)
      .trim()
      .split('\n')
      .slice(-3)
      .join('\n');
    throw new OffloadError('no-backend', `The local backend did not start. ${said}`.trim(), {
      fix: `The whole log is in ${log}.`,
      cause,
    });
  } finally {
    closeSync(logFd);
  }
}

function serverEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // An editor's own binary is Node when told so.
  if (process.versions['electron'] !== undefined) env['ELECTRON_RUN_AS_NODE'] = '1';
  return env;
}

/** Resolves with the server's first word, which it says when it listens. */
async function ready(child: ChildProcess): Promise<void> {
  const timeout = AbortSignal.timeout(START_TIMEOUT);
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`it ended with ${String(code ?? signal)}`));
    });
  });
  try {
    await Promise.race([child.stdout && once(child.stdout, 'data', { signal: timeout }), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw timeout.aborted ? new Error(`it was not ready after ${String(START_TIMEOUT / 1000)} s`) : error;
  }
}

/**
 * Root's server gets a mount namespace of its own, in which it makes what lies in root's home reachable for the users
 * of boxes. Where the system does not allow that it does without.
 */
async function ownMounts(): Promise<string[]> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  const command = ['unshare', '--mount', '--propagation', 'slave', '--'];
  try {
    await run('unshare', [...command.slice(1), 'true']);
    return command;
  } catch {
    return [];
  }
}
