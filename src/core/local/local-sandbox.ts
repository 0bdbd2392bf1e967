import { RemoteSandbox } from '../remote-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { localFolders, type Folders } from './folders.ts';
import { LocalTransport } from './local-transport.ts';

export interface LocalOptions {
  /** The folder of the bundled backend. */
  backendFolder: string;
  folders?: Folders;
}

/** The sandbox on this machine: one server for each user and version, started when it is first needed. */
export const localSandbox = (options: LocalOptions): Sandbox =>
  new RemoteSandbox(
    new LocalTransport({ backendFolder: options.backendFolder, folders: options.folders ?? localFolders() }),
  );
