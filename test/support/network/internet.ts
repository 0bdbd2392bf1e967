import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * An internet for the backends of tests: names that lead to public addresses, and servers of the test's there.
 *
 * A backend that is prepared by it has its own rules and code; what is exchanged lies beneath them, where the system
 * would be asked: the answers of name resolution, and where a connection to a public address ends, which is a server of
 * the test's on the loopback interface.
 */
export class Internet {
  readonly #names: Record<string, string[]> = {};
  readonly #routes: Record<string, number> = {};
  readonly #servers: Server[] = [];
  readonly #files: string[] = [];

  /** Puts it beneath a copy of the built backend. */
  readonly prepare = (backend: string): void => {
    const file = join(backend, 'internet.json');
    this.#files.push(file);
    this.#write();
    renameSync(join(backend, 'server.mjs'), join(backend, 'server-itself.mjs'));
    writeFileSync(join(backend, 'server.mjs'), beneath(file));
  };

  /** The addresses that a name has. */
  name(host: string, ...addresses: string[]): void {
    this.#names[host] = addresses;
    this.#write();
  }

  /** A server that is met at ports of a public address; gives its port on the loopback interface. */
  async serve(address: string, ports: readonly number[], listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const each of ports) this.#routes[`${address}:${String(each)}`] = port;
    this.#write();
    return port;
  }

  dispose(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  #write(): void {
    const text = JSON.stringify({ names: this.#names, routes: this.#routes });
    for (const file of this.#files) writeFileSync(file, text, { mode: 0o644 });
  }
}

/** The module that a server starts with. */
const beneath = (file: string): string => `
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
const read = () => JSON.parse(readFileSync(${JSON.stringify(file)}, 'utf8'));
dns.promises.lookup = async (host) => {
  const addresses = read().names[host];
  if (addresses === undefined) throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
  return addresses.map((address) => ({ address, family: net.isIP(address) }));
};
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const { names, routes } = read();
  const host = names[options?.host]?.[0] ?? options?.host ?? '';
  // What is the machine's own is met there: it is not this that keeps a box from it.
  if (net.isIP(host) === 0 || host.startsWith('127.') || host === '::1') return connect.apply(this, args);
  const port = routes[host + ':' + options.port];
  // What is nowhere on it is nowhere: nothing of a test leaves the machine.
  options.host = '127.0.0.1';
  options.port = port ?? 1;
  return connect.apply(this, args);
};
syncBuiltinESMExports();
await import('./server-itself.mjs');
`;
