import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGate, type Gate, type GateOptions } from '../../../backend/src/network/gate.ts';
import { isPublicAddress } from '../../../backend/src/network/public-address.ts';

/** What came back on a connection that was written to, up to its end. */
export interface Said {
  text: string;
  /** The first line's number. */
  status: number;
}

/** An address of the loopback interface that a gate of a test takes for a public one. */
export const PUBLIC = '127.0.0.7';

/** Gives each test of a suite, between its hooks, a gate of its own. */
export function withGate(): () => GateTest {
  let test: GateTest;
  beforeEach(() => {
    test = new GateTest();
  });
  afterEach(() => test.dispose());
  return () => test;
}

/** A gate, servers behind it, and connections to it; names are as the test says. */
export class GateTest {
  readonly refused: string[] = [];
  /** The addresses of names, one answer after the other; the last one stays. */
  readonly names: Record<string, string[][]> = {};
  readonly looked: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'g-'));
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #gate: Gate | undefined;

  get socket(): string {
    return join(this.#folder, 's');
  }

  async start(options: Pick<GateOptions, 'network'> & Partial<GateOptions>): Promise<void> {
    this.#gate = await startGate({
      model: undefined,
      setting: 'offload.network',
      socket: this.socket,
      onRefused: (message) => this.refused.push(message),
      rules: {
        addresses: (host) => {
          this.looked.push(host);
          const answers = this.names[host];
          const next = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
          return next === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(next);
        },
        isPublic: (address) => address === PUBLIC || isPublicAddress(address),
      },
      ...options,
    });
  }

  /** An HTTP server at {@link PUBLIC}; gives its port. */
  http(listener: RequestListener): Promise<number> {
    return this.#listen(createHttpServer(listener));
  }

  /** A server of bytes at {@link PUBLIC}; gives its port. */
  tcp(listener: (socket: Socket) => void): Promise<number> {
    return this.#listen(createServer({ allowHalfOpen: true }, listener));
  }

  async #listen(server: Server): Promise<number> {
    server.on('connection', (socket) => this.#held(socket));
    this.#servers.push(server);
    server.listen(0, PUBLIC);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** A connection to the gate. */
  connect(): Socket {
    return this.#held(connect({ path: this.socket, allowHalfOpen: true }));
  }

  /** Writes to the gate and reads to the end that it makes, or to where `until` fits. */
  async say(bytes: string, until?: RegExp): Promise<Said> {
    const socket = this.connect();
    socket.write(bytes, 'latin1');
    return await this.hear(socket, until);
  }

  async hear(socket: Socket, until?: RegExp): Promise<Said> {
    let text = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (until?.test(text) === true) break;
    }
    return { text, status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]) };
  }

  async closeGate(): Promise<void> {
    await this.#gate?.close();
    this.#gate = undefined;
  }

  async dispose(): Promise<void> {
    await this.closeGate();
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    rmSync(this.#folder, { recursive: true });
  }

  #held(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    return socket;
  }
}

/** A request's body. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('latin1');
  return text;
}

/** A request for a tunnel. @param more further headers, each with its end of line */
export const connectTo = (authority: string, more = ''): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`;

/** A plain request through a proxy, whose target is an address or anything else. */
export const get = (target: string, more = 'Connection: close\r\n'): string =>
  `GET ${target} HTTP/1.1\r\nHost: x.example\r\n${more}\r\n`;
