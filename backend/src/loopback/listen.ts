import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { joinSockets } from './join-sockets.ts';

/**
 * Listens on a port of the loopback interface and leads each connection to a unix socket, byte by byte.
 * @throws the system's error where the port is taken
 */
export async function listen(port: number, socket: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    joinSockets(near, connect({ path: socket, allowHalfOpen: true }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
