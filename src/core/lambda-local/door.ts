import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { refused, type ServiceError } from './service-error.ts';

/**
 * Why a request to a loopback server is not let in, undefined where it is. It must name this machine as its host (or a name
 * that leads here was set up to reach it from a web page), come from no web page, and from a program of this user's.
 * @param owner the user that is let in; our own by default
 */
export function refusalOf(request: IncomingMessage, owner = process.getuid?.()): ServiceError | undefined {
  const { headers, socket } = request;
  const host = headers.host ?? '';
  const port = String(socket.localPort);
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return refused('AccessDeniedException', `The Host "${host}" is not this endpoint's.`);
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) {
    return refused('AccessDeniedException', 'Web pages may not call this endpoint.');
  }
  // A page's request for a picture or a script names no origin.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refused('AccessDeniedException', 'Web pages may not call this endpoint.');
  }
  const user = owner === undefined ? undefined : peerUser(socket);
  if (user === undefined || user === owner || user === 0) return undefined;
  return refused('AccessDeniedException', 'Only the user who started this endpoint may call it.');
}

/** Whether it is known here whose program is at the other end of a connection. */
const knowsPeers = process.platform === 'linux';

/** Nobody: the connection is not in the kernel's table. */
const UNKNOWN = -1;

/** The user at the other end of a connection over the loopback interface, by the kernel's table (proc(5)). */
function peerUser({ remotePort, localPort }: IncomingMessage['socket']): number | undefined {
  if (!knowsPeers || remotePort === undefined || localPort === undefined) return undefined;
  const [theirs, ours] = [remotePort, localPort].map(
    (port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(table)) {
      // sl local_address rem_address st tx:rx tr:when retrnsmt uid …
      const [, local = '', remote = '', , , , , uid] = line.trim().split(/\s+/);
      if (!local.endsWith(`0100007F${theirs ?? ''}`) || !remote.endsWith(`0100007F${ours ?? ''}`)) continue;
      return Number(uid);
    }
  }
  return UNKNOWN;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n').slice(1);
  } catch {
    return [];
  }
}
