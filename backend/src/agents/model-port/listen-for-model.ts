import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Listens on a port of the loopback interface and leads each connection to a unix socket, byte by byte.
 * @throws the system's error where the port is taken
 */
export async function listenForModel(port: number, socket: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    join(near, connect({ path: socket, allowHalfOpen: true }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Each end's end is the other's; when one breaks, so does the other. */
function join(near: Socket, far: Socket): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.pipe(to);
    // Its close follows.
    from.on('error', () => undefined);
    from.on('close', () => {
      // An end was passed on already, after what came before it.
      if (!from.readableEnded) to.destroy();
    });
  }
}
