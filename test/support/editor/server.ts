import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WAIT_LIMIT } from '../limits.ts';
import { freshProfile, type Settings } from './profile.ts';
import { requiredTools } from './tools.ts';

export interface ServerOptions {
  settings?: Settings;
  /** Whether the workbench asks for trust in a workspace; without it every workspace is trusted. */
  trust?: boolean;
  /** A folder with installed extensions; a fresh, empty one when it is left out. */
  extensions?: string;
  /** Variables for the server, and so for the extension host and its terminals. */
  env?: Record<string, string>;
}

export interface EditorServer {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** Resolves with the last lines of the log when the server has ended. */
  ended: Promise<string>;
  /** Ends the server with all its children and removes its folder. */
  stop(): Promise<void>;
}

/** Milliseconds until the server has to have ended when told to. */
const STOP_LIMIT = 5_000;

/** Starts code-server on a free loopback port, with a profile and a process group of its own. */
export async function startServer(options: ServerOptions = {}): Promise<EditorServer> {
  const profile = freshProfile(options.settings ?? {});
  const port = await freePort();
  const host = `127.0.0.1:${String(port)}`;
  const log = join(profile.folder, 'server.log');
  const output = openSync(log, 'a');
  const child = spawn(
    process.execPath,
    [
      requiredTools().entry,
      ...['--auth', 'none', '--bind-addr', host],
      ...['--user-data-dir', profile.userData, '--extensions-dir', options.extensions ?? profile.extensions],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      '--ignore-last-opened',
      ...(options.trust === true ? [] : ['--disable-workspace-trust']),
    ],
    {
      env: { ...serverEnvironment(profile.folder), ...options.env },
      stdio: ['ignore', output, output],
      detached: true,
    },
  );
  closeSync(output);
  const onExit = () => {
    endGroup(child, 'SIGKILL');
  };
  process.once('exit', onExit);
  const ended = once(child, 'exit').then(() => lastLines(log));
  const stop = async () => {
    endGroup(child, 'SIGTERM');
    await Promise.race([ended, sleep(STOP_LIMIT, undefined, { ref: false })]);
    endGroup(child, 'SIGKILL');
    await ended;
    process.removeListener('exit', onExit);
    rmSync(profile.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    await answering(host, ended);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, ended, stop };
}

/** The environment of the tests, without what a surrounding editor may have left in it. */
function serverEnvironment(folder: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    // No look-ups in a market place.
    EXTENSIONS_GALLERY: JSON.stringify({
      serviceUrl: '',
      itemUrl: '',
      resourceUrlTemplate: '',
      controlUrl: '',
      recommendationsUrl: '',
    }),
  };
  for (const name of ['PORT', 'PASSWORD', 'VSCODE_IPC_HOOK_CLI', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE']) {
    Reflect.deleteProperty(env, name);
  }
  return env;
}

async function answering(host: string, ended: Promise<string>): Promise<void> {
  const until = Date.now() + WAIT_LIMIT;
  const healthy = () =>
    fetch(`http://${host}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await healthy())) {
    const log = await Promise.race([ended, sleep(100)]);
    if (typeof log === 'string') throw new Error(`code-server ended at its start:\n${log}`);
    if (Date.now() > until) throw new Error('code-server did not answer in time');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended.
  }
}

const lastLines = (log: string) => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
