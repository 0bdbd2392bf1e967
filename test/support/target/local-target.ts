import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcessesOf } from '../../../scripts/setup/processes.mjs';
import type { Folders } from '../../../src/core/local/folders.ts';
import { LocalTransport } from '../../../src/core/local/local-transport.ts';
import { RemoteSandbox } from '../../../src/core/remote-sandbox.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { Target } from './target.ts';

export const dist = fileURLToPath(new URL('../../../dist', import.meta.url));

/** Seconds without work after which a server of tests ends, should the tests be killed. */
const QUIET_SECONDS = 20;

/** The local sandbox with folders, a copy of the backend and a server of its own. */
export interface LocalTarget extends Target {
  /** Everything of it lies in here. */
  folder: string;
  folders: Folders;
  /** The copy of the built backend. */
  backend: string;
  /** The server's process. */
  pid: number;
  /** One more client, as another window has one. */
  client(): Sandbox;
}

/** A folder with a short path, for the sake of sockets. */
export const shortFolder = (prefix = 't-'): string => mkdtempSync(join(tmpdir(), prefix));

export interface LocalTargetOptions {
  quietSeconds?: number;
  /** A folder's name between the temporary folder and everything of the target. */
  inside?: string;
  /** The runtime folder's name. */
  runtime?: string;
  /** Changes the copy of the backend before its server starts. */
  prepare?: (backend: string) => void;
  /** The state folder's place, where it is another. */
  state?: string;
}

export async function localTarget(options: LocalTargetOptions = {}): Promise<LocalTarget> {
  const base = shortFolder();
  const folder = options.inside === undefined ? base : join(base, options.inside);
  const backend = join(folder, 'backend');
  cpSync(join(dist, 'backend'), backend, { recursive: true, filter: (path) => !path.endsWith('.map') });
  options.prepare?.(backend);
  chmodSync(base, 0o711);
  const folders = {
    runtime: join(folder, options.runtime ?? 'r'),
    state: options.state ?? join(folder, 's'),
  };
  const quietSeconds = options.quietSeconds ?? QUIET_SECONDS;
  const clients: Sandbox[] = [];
  const client = (): Sandbox => {
    const sandbox = new RemoteSandbox(new LocalTransport({ backendFolder: backend, folders, quietSeconds }));
    clients.push(sandbox);
    return sandbox;
  };
  const dispose = async (): Promise<void> => {
    for (const sandbox of clients) sandbox.dispose();
    await endProcessesOf(base);
    rmSync(base, { recursive: true, force: true });
  };
  const sandbox = client();
  try {
    const { capabilities, pid } = await sandbox.environment();
    if (pid === undefined) throw new Error('The local server does not say its process id.');
    return { sandbox, capabilities, folder, folders, backend, pid, client, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
