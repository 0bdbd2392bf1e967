import { parseArgs } from 'node:util';
import { containerOptionsSchema, type ContainerOptions } from '../../src/protocol/container.ts';

/** What a starter tells the server. */
export interface ServerOptions {
  /** A folder that only this user can enter, for sockets and what boxes are made of. */
  runtime: string;
  /** Where clients look for a server of this build: a socket in the runtime folder, or a named pipe. */
  address: string;
  /** The file that holds the token of this user's backends. */
  tokenFile: string;
  /** Journals and results. */
  state: string;
  build: string;
  /** Seconds without a connection or a run after which the server ends. */
  quietSeconds: number;
  /** The engine and the image, where boxes are containers. */
  container: ContainerOptions | undefined;
}

const QUIET_SECONDS = 600;

/** @throws TypeError for arguments that are not a server's */
export function serverOptions(argv: string[]): ServerOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      runtime: { type: 'string' },
      address: { type: 'string' },
      'token-file': { type: 'string' },
      state: { type: 'string' },
      build: { type: 'string' },
      'quiet-seconds': { type: 'string', default: String(QUIET_SECONDS) },
      'private-mounts': { type: 'boolean', default: false },
      container: { type: 'string' },
    },
  });
  const { runtime, address, state, build, 'token-file': tokenFile } = values;
  const quietSeconds = Number(values['quiet-seconds']);
  const all = { runtime, address, tokenFile, state, build };
  if (Object.values(all).includes(undefined) || !(quietSeconds > 0)) {
    throw new TypeError('The server is started by Offload itself, which tells it where to listen.');
  }
  const container =
    values.container === undefined ? undefined : containerOptionsSchema.parse(JSON.parse(values.container));
  return { ...(all as Record<keyof typeof all, string>), quietSeconds, container };
}
