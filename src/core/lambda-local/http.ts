import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A server on a port of the loopback interface, a free one where none is named, without Node's time limits: a Lambda
 * response may take 15 minutes. Rejects with the system's error.
 */
export async function listen(port = 0): Promise<{ server: Server; address: string }> {
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Stops a server and cuts the connections that it has. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Reads a body to its end; gives undefined when it has more bytes than `limit`, of which none is kept. */
export async function readBody(request: IncomingMessage, limit = Infinity): Promise<Buffer | undefined> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    // Read on past the limit: a client that is cut off while it sends never sees the answer.
    if (size > limit) pieces = [];
    else pieces.push(piece);
  }
  return size > limit ? undefined : Buffer.concat(pieces);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
