import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { joinSockets } from '../loopback/join-sockets.ts';
import type { Destination } from './destination.ts';
import { parseDestination } from './destination.ts';
import { forward } from './forward.ts';
import { reach, Refused, Unreachable, type ReachOptions } from './reach.ts';
import { Refusals, refusalText } from './refusals.ts';

/** Bytes of a request's head, and connections at once. */
const MAX_HEAD = 32 * 1024;
const MAX_CONNECTIONS = 256;

export interface GateOptions extends ReachOptions {
  /** Where the unix socket is made. Any user may connect to it: its folder keeps others out. */
  socket: string;
  /** The setting by which the user allows more. */
  setting: string;
  /** Told, once for each host, of what was refused. */
  onRefused: (message: string) => void;
  /** Milliseconds that a request's head may take, and that a connection may be silent. */
  headTime?: number;
  silence?: number;
}

/** The way from a box to the network: a forward proxy that lets through what the run may reach. */
export interface Gate {
  /** Cuts all connections and removes the socket. */
  close(): Promise<void>;
}

/** Makes the socket and answers at it until it is closed: `CONNECT`, and plain HTTP in absolute form (RFC 9110, 9112). */
export async function startGate(options: GateOptions): Promise<Gate> {
  const { headTime = 15_000, silence = 5 * 60_000, setting } = options;
  const sockets = new Set<Duplex>();
  const refusals = new Refusals(options.onRefused);

  const hold = <S extends Duplex>(socket: S): S => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Its close follows.
    socket.on('error', () => undefined);
    return socket;
  };

  /** Connects, for as long as whoever asked for it waits. */
  const open = async (destination: Destination, asking: Duplex): Promise<Socket> => {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    asking.once('close', leave);
    try {
      const far = hold(await reach(destination, options, leaving.signal));
      if (asking.destroyed) {
        far.destroy();
        throw new Unreachable('nobody waits for it any more');
      }
      far.setTimeout(silence, () => {
        far.destroy();
        asking.destroy();
      });
      return far;
    } finally {
      asking.off('close', leave);
    }
  };

  /** What went wrong, as an answer; a refusal is told to the user. */
  const answerOf = (destination: Destination, error: unknown): Answer => {
    if (error instanceof Refused) {
      const text = refusalText(destination, error, setting);
      refusals.add(destination, text);
      return { status: 403, text };
    }
    const why = error instanceof Unreachable ? error.message : 'the connection failed';
    return { status: 502, text: `${destination.host} cannot be reached: ${why}.` };
  };

  const tunnel = async (request: IncomingMessage, near: Duplex, head: Buffer): Promise<void> => {
    const destination = parseDestination(request.url ?? '');
    if (destination === undefined) {
      refuse(near, { status: 400, text: 'CONNECT takes a host and a port.' });
      return;
    }
    try {
      const far = await open(destination, near);
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) far.write(head);
      joinSockets(near, far);
    } catch (error) {
      refuse(near, answerOf(destination, error));
    }
  };

  const plain = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, authority = '', rest = ''] = /^http:\/\/([^/?#]*)([^#]*)/i.exec(request.url ?? '') ?? [];
    const destination = parseDestination(authority, 80);
    if (destination === undefined) {
      answer(response, { status: 400, text: 'Only requests to a proxy are taken: CONNECT, or http://…' });
      return;
    }
    try {
      const far = await open(destination, request.socket);
      await forward(request, response, { authority, path: rest.startsWith('/') ? rest : `/${rest}`, far });
    } catch (error) {
      answer(response, answerOf(destination, error));
    }
  };

  const server = createServer({
    maxHeaderSize: MAX_HEAD,
    headersTimeout: headTime,
    connectionsCheckingInterval: Math.ceil(headTime / 3),
    requestTimeout: 0,
    keepAliveTimeout: 15_000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', hold);
  server.on('connect', (request, near, head) => void tunnel(request, near, head));
  server.on('request', (request, response) => void plain(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.socket, resolve);
  });
  await chmod(options.socket, 0o666);

  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Whoever waits for a connection leaves by it, and gets none.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Answer {
  status: 400 | 403 | 502;
  text: string;
}

const REASONS = { 400: 'Bad Request', 403: 'Forbidden', 502: 'Bad Gateway' };

/** Answers a `CONNECT` that makes no tunnel. */
function refuse(near: Duplex, { status, text }: Answer): void {
  const body = `Offload: ${text}\n`;
  near.end(
    [
      `HTTP/1.1 ${String(status)} ${REASONS[status]}`,
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${String(Buffer.byteLength(body))}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    // What else it sends is not read.
    () => near.destroy(),
  );
}

/** Answers a request that is not passed on. The connection ends, for what is left of the request is not read. */
function answer(response: ServerResponse, { status, text }: Answer): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `Offload: ${text}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
