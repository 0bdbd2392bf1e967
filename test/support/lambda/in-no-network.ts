import { spawn } from 'node:child_process';
import { nameServer } from '../network/name-server.ts';
import { connect, createServer, type Socket } from 'node:net';

/**
 * What runs in a network namespace in which there is nothing: it has a few ports of the loopback interface lead to the same
 * ones outside, and starts a program. Arguments: a JSON of the socket by which they do, the ports, public addresses at which
 * somebody answers, and whether there is a name server; then the program.
 */
const [given = '', program = '', ...rest] = process.argv.slice(2);
const { socket, ports, answering, naming } = JSON.parse(given) as {
  socket: string;
  ports: number[];
  answering: { host: string; port: number }[];
  naming: boolean;
};

const listening = (port: number, host: string, take: (client: Socket) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    createServer({ allowHalfOpen: true }, (client) => {
      client.on('error', () => client.destroy());
      take(client);
    })
      .once('error', reject)
      .listen(port, host, resolve);
  });

await Promise.all([
  ...ports.map((port) =>
    listening(port, '127.0.0.1', (client) => {
      const outside = connect({ path: socket, allowHalfOpen: true });
      outside.on('error', () => client.destroy());
      client.on('close', () => outside.destroy());
      outside.write(`${String(port)}\n`);
      client.pipe(outside).pipe(client);
    }),
  ),
  ...(naming ? [nameServer(53)] : []),
  ...answering.map(({ host, port }) => listening(port, host, (client) => client.end())),
]);
const child = spawn(program, rest, { stdio: 'inherit' });
child.once('exit', (code) => process.exit(code ?? 1));
