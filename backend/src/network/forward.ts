import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** Headers of one connection, which end with it (RFC 9110, 7.6.1), and what has been answered here. */
const OF_CONNECTION = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
];

/**
 * Passes a plain HTTP request on by a connection that goes to its destination, and its answer back. Both were read by
 * Node's parser and are written anew, so that each side sees one request and one answer; and the destination is told as
 * the host, whatever the request's own header says (RFC 9112, 3.2.2).
 * @throws Error where the connection breaks
 */
export async function forward(
  near: IncomingMessage,
  response: ServerResponse,
  { authority, path, far }: { authority: string; path: string; far: Socket },
): Promise<void> {
  const isChunked = near.headers['transfer-encoding'] !== undefined;
  const passing = httpRequest({
    createConnection: () => far,
    setHost: false,
    method: near.method,
    path,
    headers: {
      ...passedOn(near.headers),
      host: authority,
      connection: 'close',
      // Its length is said in one way, by whichever method it comes.
      ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}),
    },
  });
  // One that nobody waits for is not waited for.
  response.once('close', () => far.destroy());
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      passing.once('response', resolve);
      passing.on('error', reject);
    });
    // A body that is not wanted is cut by the answer's end; its connection has the fault to tell.
    pipeline(near, passing).catch(() => undefined);
    const answer = await answered;
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
    await pipeline(answer, response);
  } finally {
    far.destroy();
  }
}

/** The headers that go on: all but those of the connection, and those that it names as its own. */
function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const ends = new Set([...OF_CONNECTION, ...named.filter((name) => name !== 'content-length')]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ends.has(name)));
}
