import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CERTIFICATE_VARIABLES } from '../../protocol/certificates.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { BackendBuild } from './backend-build.ts';
import type { Folders } from './folders.ts';
import { ownMounts, PRIVATE_MOUNTS } from './own-mounts.ts';
import { tokenFile } from './private-folder.ts';
import { openLog } from './server-log.ts';

/** Milliseconds that a server may take to be ready. */
const START_TIMEOUT = 20_000;
/** What a server needs of its starter's environment; the rest stays out of it. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'LANG',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_STATE_HOME',
  // By them the model's endpoint is trusted; programs with a network get them too.
  ...CERTIFICATE_VARIABLES,
  'SystemRoot',
  'TEMP',
];

/** A server that makes its boxes in another way than the usual one. */
export interface ServerKind {
  /** Tells its address from that of others of the same build: 8 characters of a hash. */
  variant: string;
  arguments: readonly string[];
  /** What it needs of its starter's environment besides. */
  environment: readonly string[];
  /** Whether it may live in a mount namespace of its own. */
  ownMounts: boolean;
}

interface StartOptions {
  address: string;
  quietSeconds?: number | undefined;
  kind?: ServerKind | undefined;
}

/**
 * Starts the server as a process of its own, which outlives this one, and waits until it listens.
 * @throws OffloadError `no-backend` with what it said
 */
export async function startServer(
  build: BackendBuild,
  folders: Folders,
  { address, quietSeconds, kind }: StartOptions,
): Promise<void> {
  const log = await openLog(folders);
  const mounts = kind?.ownMounts === false ? [] : await ownMounts();
  const [command = '', ...args] = [
    ...mounts,
    process.execPath,
    join(build.folder, 'server.mjs'),
    ...['--runtime', folders.runtime, '--state', folders.state, '--build', build.id],
    ...['--address', address, '--token-file', tokenFile(folders.runtime)],
    ...(quietSeconds === undefined ? [] : ['--quiet-seconds', String(quietSeconds)]),
    ...(kind?.arguments ?? []),
  ];
  try {
    const child = spawn(command, mounts.length === 0 ? args : [...args, PRIVATE_MOUNTS], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', 'pipe', log.fd],
      env: serverEnvironment(kind?.environment ?? []),
    });
    await ready(child);
    child.stdout?.destroy();
    child.removeAllListeners();
    child.unref();
  } catch (cause) {
    const why = log.lastWords() || (cause instanceof Error ? cause.message : String(cause));
    throw new OffloadError('no-backend', `The local backend did not start: ${why}`, {
      fix: `The whole log is in ${log.path}.`,
      cause,
    });
  } finally {
    log.close();
  }
}

function serverEnvironment(besides: readonly string[]): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of [...PASSED_ON, ...besides]) {
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
