import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ContainerOptions } from '../../protocol/container.ts';
import type { Folders } from '../local/folders.ts';
import { LocalTransport } from '../local/local-transport.ts';
import type { ServerKind } from '../local/start-server.ts';
import { RemoteSandbox } from '../remote-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { ENGINE_VARIABLES } from './engine.ts';

export interface ContainerSandboxOptions extends ContainerOptions {
  /** The folder of the bundled backend. */
  backendFolder: string;
  /** This user's; a container's server has its own inside. */
  folders: Folders;
  quietSeconds?: number;
}

/** The sandbox on this machine whose boxes are containers of the backend's image: a server of its own, as the local one. */
export const containerSandbox = (options: ContainerSandboxOptions): Sandbox =>
  new RemoteSandbox(
    new LocalTransport({
      backendFolder: options.backendFolder,
      folders: containerFolders(options.folders),
      within: options.folders.runtime,
      kind: serverKind(options),
      ...(options.quietSeconds === undefined ? {} : { quietSeconds: options.quietSeconds }),
    }),
  );

/** Where the server that makes containers lives: apart from the local one, which knows nothing of its runs. */
export const containerFolders = ({ runtime, state }: Folders): Folders => ({
  // Sockets have short paths.
  runtime: join(runtime, 'c'),
  state: join(state, 'container'),
});

function serverKind({ engine, image }: ContainerOptions): ServerKind {
  const container = JSON.stringify({ engine, image });
  return {
    variant: createHash('sha256').update(container).digest('hex').slice(0, 8),
    arguments: ['--container', container],
    environment: ENGINE_VARIABLES,
    // An engine mounts what its containers have where all its commands find it.
    ownMounts: false,
  };
}
