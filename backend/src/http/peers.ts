import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Request } from '../../../src/protocol/request.ts';
import type { Frames, Peers } from '../app.ts';

/** Milliseconds that a living backend may take to accept a connection. */
const CONNECT_TIMEOUT = 2000;

/** Reaches other backends of this user by their sockets. They share one token. */
export const socketPeers = (token: string): Peers => ({
  isAlive: (address) =>
    new Promise((resolve) => {
      const socket = connect(address);
      const settle = (alive: boolean) => (): void => {
        socket.destroy();
        resolve(alive);
      };
      socket.setTimeout(CONNECT_TIMEOUT, settle(false));
      socket.once('connect', settle(true));
      socket.once('error', settle(false));
    }),
  forward: (address, request, signal) => forward(address, token, request, signal),
});

async function* forward(address: string, token: string, request: Request, signal: AbortSignal): Frames {
  const response = await new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const call = httpRequest({ socketPath: address, method: 'POST', path: '/', headers, signal }, resolve);
    call.once('error', (cause) => {
      reject(
        new OffloadError('backend-lost', 'The backend that carries out this run cannot be reached.', {
          cause,
        }),
      );
    });
    call.end(JSON.stringify(request));
  });
  yield* response;
}
