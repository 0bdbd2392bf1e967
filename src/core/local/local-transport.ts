import { OffloadError } from '../../protocol/error.ts';
import type { Request } from '../../protocol/request.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Transport } from '../transport.ts';
import { checkAddressLength, compareBuilds, otherBuilds, publicAddress } from './address.ts';
import { readBackendBuild, type BackendBuild } from './backend-build.ts';
import { exchange, keptConnections, NobodyThere } from './exchange.ts';
import type { Folders } from './folders.ts';
import { privateFolder, readToken } from './private-folder.ts';
import { startServer, type ServerKind } from './start-server.ts';

export interface LocalTransportOptions {
  /** The folder of the backend that ships with this client. */
  backendFolder: string;
  folders: Folders;
  /** A folder that the runtime folder is in, where that is this user's own, too: whoever has it has what is in it. */
  within?: string;
  /** Seconds without work after which a server that is started here ends; its own default where absent. */
  quietSeconds?: number;
  /** What makes its server another one than the usual; its folders are its own too. */
  kind?: ServerKind;
}

/**
 * Reaches the backend on this machine: the one of the client's own build, started when it is not there; or a newer one
 * that has taken over from it.
 */
export class LocalTransport implements Transport {
  readonly #options: LocalTransportOptions;
  readonly #agent = keptConnections();
  #prepared: Promise<Prepared> | undefined;
  /** The build whose server is used: a newer one when it has taken over. */
  #used: string | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: LocalTransportOptions) {
    this.#options = options;
  }

  async *send(request: Request, signal?: AbortSignal): AsyncGenerator<object, void, undefined> {
    let prepared = await this.#prepare();
    const own = this.#nameOf(prepared.build);
    /** Builds that were turned to in vain. */
    const tried = new Set<string>();
    let frames = 0;
    for (let started = false, again = true; ;) {
      const build = this.#used ?? own;
      try {
        for await (const frame of this.#exchange({ build, token: prepared.token }, request, signal)) {
          if (isSuperseded(frame)) throw new Superseded();
          frames++;
          yield frame;
        }
        return;
      } catch (error) {
        if (isInterruption(error) && frames === 0 && again) {
          // A kept connection that the server was about to close. Every request may be sent twice.
          again = false;
          continue;
        }
        const gone = error instanceof NobodyThere;
        if (started || !(gone || error instanceof Superseded)) throw asUnreachable(error);
        tried.add(build);
        // What is in the folder may have gone with the server, at a restart of the machine for instance.
        if (gone) prepared = await this.#prepareAgain();
        this.#used = await this.#newer(prepared, tried, gone);
        if (this.#used !== undefined) continue;
        await this.#start(prepared);
        started = true;
      }
    }
  }

  dispose(): void {
    this.#agent.destroy();
  }

  /** Looked at once, and again after a failure. */
  #prepare(): Promise<Prepared> {
    this.#prepared ??= (async () => {
      const { backendFolder, folders, within } = this.#options;
      if (within !== undefined) await privateFolder(within);
      await privateFolder(folders.runtime);
      checkAddressLength(folders.runtime);
      return { build: await readBackendBuild(backendFolder), token: await readToken(folders.runtime) };
    })();
    this.#prepared.catch(() => {
      this.#prepared = undefined;
    });
    return this.#prepared;
  }

  /** A build's server as its address says it. */
  #nameOf({ id }: BackendBuild): string {
    const { kind } = this.#options;
    return kind === undefined ? id : `${id}-${kind.variant}`;
  }

  #exchange(
    to: { build: string; token: string },
    request: Request,
    signal?: AbortSignal,
  ): AsyncIterable<object> {
    const address = publicAddress(this.#options.folders.runtime, to.build);
    return exchange({ address, token: to.token, agent: this.#agent }, request, signal);
  }

  #prepareAgain(): Promise<Prepared> {
    this.#prepared = undefined;
    return this.#prepare();
  }

  /** Starts our build's server, once for all who wait for it, and sends older ones into retirement. */
  #start({ build, token }: Prepared): Promise<void> {
    this.#starting ??= (async () => {
      try {
        const { folders, quietSeconds, kind } = this.#options;
        const address = publicAddress(folders.runtime, this.#nameOf(build));
        await startServer(build, folders, { address, quietSeconds, kind });
        await this.#retireOlder(this.#nameOf(build), token);
      } finally {
        this.#starting = undefined;
      }
    })();
    return this.#starting;
  }

  async #retireOlder(build: string, token: string): Promise<void> {
    const others = await otherBuilds(this.#options.folders.runtime, build);
    for (const other of others.filter((id) => compareBuilds(id, build) <= 0)) {
      try {
        for await (const _ of this.#exchange({ build: other, token }, RETIRE));
      } catch {
        // It is gone already, or too old to know the word: it ends by itself when nobody uses it.
      }
    }
  }

  /**
   * A living server of a build that is newer than ours; where ours has been sent into retirement, also one of the same
   * version with other contents, which has done that.
   */
  async #newer(
    { build, token }: Prepared,
    tried: Set<string>,
    strictly: boolean,
  ): Promise<string | undefined> {
    const least = strictly ? 1 : 0;
    const others = await otherBuilds(this.#options.folders.runtime, this.#nameOf(build));
    for (const other of others
      .filter((id) => !tried.has(id) && Math.sign(compareBuilds(id, build.id)) >= least)
      .sort(compareBuilds)
      .reverse()) {
      try {
        for await (const _ of this.#exchange({ build: other, token }, ENVIRONMENT)) return other;
      } catch {
        // Not this one.
      }
    }
    return undefined;
  }
}

interface Prepared {
  build: BackendBuild;
  token: string;
}

const RETIRE: Request = { kind: 'retire', version: PROTOCOL_VERSION };
const ENVIRONMENT: Request = { kind: 'environment', version: PROTOCOL_VERSION };

class Superseded extends Error {}

const isSuperseded = (frame: object): boolean =>
  'error' in frame &&
  typeof frame.error === 'object' &&
  frame.error !== null &&
  'code' in frame.error &&
  frame.error.code === 'superseded';

const isInterruption = (error: unknown): boolean =>
  error instanceof OffloadError && error.code === 'interrupted';

const asUnreachable = (error: unknown): unknown =>
  error instanceof NobodyThere
    ? new OffloadError('no-backend', 'The local backend ended as soon as it was started.', { cause: error })
    : error;
