import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { decodeFrames } from '../../protocol/frame.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Request } from '../../protocol/request.ts';

/** Connections that stay open for the next request. */
export const keptConnections = (): Agent => new Agent({ keepAlive: true, maxFreeSockets: 4 });

export interface Peer {
  address: string;
  token: string;
  agent: Agent;
}

/** Whether nothing listens at an address: a backend can be started there. */
export class NobodyThere extends Error {
  override readonly name = 'NobodyThere';
}

/**
 * One request and the frames of its answer, over HTTP.
 * @throws NobodyThere before anything was sent; OffloadError `interrupted` when the connection breaks
 */
export async function* exchange(
  peer: Peer,
  request: Request,
  signal: AbortSignal | undefined,
): AsyncGenerator<object, void, undefined> {
  const leaving = new AbortController();
  const either = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
  let whole = false;
  try {
    const response = await post(peer, JSON.stringify(request), either);
    yield* decodeFrames(response);
    whole = true;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof OffloadError || error instanceof NobodyThere) throw error;
    throw new OffloadError('interrupted', 'The connection to the local backend broke.', { cause: error });
  } finally {
    if (!whole) leaving.abort();
  }
}

function post(peer: Peer, body: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        socketPath: peer.address,
        agent: peer.agent,
        method: 'POST',
        path: '/',
        headers: {
          authorization: `Bearer ${peer.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        signal,
      },
      resolve,
    );
    call.once('error', (error: NodeJS.ErrnoException) => {
      const nobody =
        error.syscall === 'connect' && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT');
      reject(nobody ? new NobodyThere(error.message, { cause: error }) : error);
    });
    call.end(body);
  });
}
