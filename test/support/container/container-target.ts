import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcessesOf } from '../../../scripts/setup/processes.mjs';
import { containerFolders, containerSandbox } from '../../../src/core/container/container-sandbox.ts';
import { describeEngine } from '../../../src/core/container/engine.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { ContainerEngine } from '../../../src/protocol/container.ts';
import { dist, shortFolder, type LocalTarget } from '../target/local-target.ts';
import { endServers } from './end-servers.ts';
import { testImage } from './test-image.ts';

/** Seconds without work after which a server of tests ends, should the tests be killed. */
const QUIET_SECONDS = 20;

/** The container sandbox with folders, a copy of the backend and a server of its own. */
export interface ContainerTarget extends LocalTarget {
  engine: ContainerEngine;
  image: string;
}

/**
 * @param prepare changes the copy of the backend before its server starts
 * @param another the image to use instead of the tests' own
 */
export async function containerTarget(
  context: Mocha.Context,
  prepare?: (backend: string) => void,
  another?: string,
): Promise<ContainerTarget> {
  const { command, ...made } = testImage(context);
  const image = another ?? made.image;
  const engine = await describeEngine(command);
  const folder = shortFolder();
  const backend = join(folder, 'backend');
  cpSync(join(dist, 'backend'), backend, { recursive: true, filter: (path) => !path.endsWith('.map') });
  prepare?.(backend);
  chmodSync(folder, 0o711);
  const folders = { runtime: join(folder, 'r'), state: join(folder, 's') };
  const clients: Sandbox[] = [];
  const client = (): Sandbox => {
    const sandbox = containerSandbox({
      backendFolder: backend,
      folders,
      engine,
      image,
      quietSeconds: QUIET_SECONDS,
    });
    clients.push(sandbox);
    return sandbox;
  };
  const dispose = async (): Promise<void> => {
    for (const sandbox of clients) sandbox.dispose();
    await endServers(folder);
    await endProcessesOf(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  const sandbox = client();
  try {
    const { capabilities, pid } = await sandbox.environment();
    if (pid === undefined) throw new Error('The server does not say its process id.');
    const own = containerFolders(folders);
    return { sandbox, capabilities, folder, folders: own, backend, pid, client, dispose, engine, image };
  } catch (error) {
    await dispose();
    throw error;
  }
}
