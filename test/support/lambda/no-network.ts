import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartRuntime } from '../../../src/core/lambda-local/runtime-process.ts';

const UNSHARE = '/usr/bin/unshare';
const inside = fileURLToPath(new URL('./in-no-network.ts', import.meta.url));

/** Why this machine cannot give a process a network of its own; undefined where it can. */
export function lacksNetworks(): string | undefined {
  const tried = spawnSync(UNSHARE, ['--net', '--mount', '--', '/bin/sh', '-c', 'ip link set lo up']);
  if (tried.status === 0) return undefined;
  const why = tried.error?.message ?? tried.stderr.toString().trim();
  return `a process cannot be given a network of its own here (unshare, ip; as root): ${why}`;
}

/**
 * Networks with nothing in them, for the environments of a function: a few ports of the loopback interface lead to the same
 * ones of this machine, as Lambda's own and an endpoint of a VPC do. There is no other way out of them.
 */
export class NoNetwork {
  readonly #folder = mkdtempSync(join(tmpdir(), 'no-network-'));
  readonly #server = createServer({ allowHalfOpen: true }, (client) => joinOutside(client));
  readonly #sockets = new Set<Socket>();
  /** Public addresses at which somebody answers, in environments that are started from now on. */
  answering: { host: string; port: number }[] = [];
  /** Whether names are resolved in environments that are started from now on. */
  naming = false;

  async open(): Promise<void> {
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(join(this.#folder, 'out'));
    await once(this.#server, 'listening');
  }

  /** @param ports that environments reach besides that of Lambda's own */
  around(start: StartRuntime, ports: () => readonly number[]): StartRuntime {
    return (places) => {
      const command = start(places);
      const own = Number(places.runtimeApi.split(':').at(-1));
      const given = {
        socket: join(this.#folder, 'out'),
        ports: [own, ...ports()],
        answering: this.answering,
        naming: this.naming,
      };
      const resolver = join(this.#folder, 'resolv.conf');
      writeFileSync(resolver, 'nameserver 127.0.0.1\n');
      const addresses = given.answering.map(({ host }) => `ip addr add ${host}/32 dev lo; `);
      const script = `PATH=/usr/sbin:/sbin:$PATH; ip link set lo up; mount --bind ${resolver} /etc/resolv.conf; ${addresses.join('')}exec "$0" "$@"`;
      const argv = [UNSHARE, '--net', '--mount', '--', '/bin/sh', '-c', script, process.execPath, inside];
      return { ...command, argv: [...argv, JSON.stringify(given), ...command.argv] };
    };
  }

  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Joins who comes from inside with the port that is asked for. */
function joinOutside(client: Socket): void {
  client.on('error', () => client.destroy());
  client.once('data', (first: Buffer) => {
    client.pause();
    const end = first.indexOf(10);
    const outside = connect({
      port: Number(first.toString('latin1', 0, end)),
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    outside.on('error', () => client.destroy());
    client.on('close', () => outside.destroy());
    outside.write(first.subarray(end + 1));
    client.pipe(outside).pipe(client);
  });
}
