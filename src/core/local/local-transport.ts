import { OffloadError } from '../../protocol/error.ts';
import type { Request } from '../../protocol/request.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Transport } from '../transport.ts';
import { compareBuilds, otherBuilds, publicAddress } from './address.ts';
import { readBackendBuild, type BackendBuild } from './backend-build.ts';
import { exchange, keptConnections, NobodyThere } from './exchange.ts';
import type { Folders } from './folders.ts';
import { privateFolder, readToken } from './private-folder.ts';
import { startServer } from './start-server.ts';

export interface LocalTransportOptions {
  /** The folder of the backend that ships with this client. */
  backendFolder: string;
  folders: Folders;
  /** Seconds without work after which a server that is started here ends; its own default where absent. */
  quietSeconds?: number;
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
    const { build, token } = await this.#prepare();
    let frames = 0;
    for (let started = false, again = true; ;) {
      try {
        for await (const frame of this.#exchange({ build: this.#used ?? build.id, token }, request, signal)) {
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
        if (error instanceof Superseded) this.#used = await this.#newer(build.id, token);
        else if (error instanceof NobodyThere && !started) this.#used = undefined;
        else throw asUnreachable(error);
        if (this.#used === undefined) {
          await this.#start(build, token);
          started = true;
        }
      }
    }
  }

  dispose(): void {
    this.#agent.destroy();
  }

  /** Looked at once, and again after a failure. */
  #prepare(): Promise<Prepared> {
    this.#prepared ??= (async () => {
      const { backendFolder, folders } = this.#options;
      await privateFolder(folders.runtime);
      return { build: await readBackendBuild(backendFolder), token: await readToken(folders.runtime) };
    })();
    this.#prepared.catch(() => {
      this.#prepared = undefined;
    });
    return this.#prepared;
  }

  #exchange(
    to: { build: string; token: string },
    request: Request,
    signal?: AbortSignal,
  ): AsyncIterable<object> {
    const address = publicAddress(this.#options.folders.runtime, to.build);
    return exchange({ address, token: to.token, agent: this.#agent }, request, signal);
  }

  /** Starts the server of a build, once for all who wait for it, and sends older ones into retirement. */
  #start(build: BackendBuild, token: string): Promise<void> {
    this.#starting ??= (async () => {
      try {
        await startServer(build, this.#options.folders, { quietSeconds: this.#options.quietSeconds });
        await this.#retireOlder(build.id, token);
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

  /** A living server of a build that is not older than ours. */
  async #newer(build: string, token: string): Promise<string | undefined> {
    const others = await otherBuilds(this.#options.folders.runtime, build);
    for (const other of others
      .filter((id) => compareBuilds(id, build) >= 0)
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
