import { createConnection, createServer } from 'node:net';

/** A unix socket that leads to a server on the loopback interface, as the relay's does. Gives a function that closes it. */
export async function socketTo(url: string, path: string): Promise<() => void> {
  const { hostname, port } = new URL(url);
  const open = new Set<{ destroy(): void }>();
  const server = createServer((near) => {
    const far = createConnection(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => {
    server.close();
    for (const each of open) each.destroy();
  };
}
