import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { httpExchange } from './http-request.ts';

/** Milliseconds in which somebody outside has to answer. Where packets are dropped, all of it passes. */
const ANSWERED_IN = 2000;

/** What is tried. */
export interface Outside {
  /** Hosts and ports that take connections from everybody. */
  hosts: readonly { host: string; port: number }[];
  /** Servers that answer everybody's questions for {@link names}. */
  resolvers: readonly string[];
  /** Names that everybody can look up. */
  names: readonly string[];
}

/** Services that are there from everywhere: the public resolvers of Cloudflare, Google and Quad9. */
export const OUTSIDE: Outside = {
  hosts: ['1.1.1.1', '8.8.8.8', '9.9.9.9', '2606:4700:4700::1111', '2001:4860:4860::8888'].flatMap((host) =>
    [443, 53].map((port) => ({ host, port })),
  ),
  resolvers: ['1.1.1.1', '8.8.8.8', '9.9.9.9'],
  names: ['example.com', 'one.one.one.one', 'aws.amazon.com'],
};

/**
 * Whether a runner that is said to be closed to the network reaches something besides the store, which code could carry
 * data out by. What cannot be tried from inside (routes to private networks, other endpoints) is the VPC's owner's to know.
 * @returns what to say where it does, or where the store cannot be asked
 */
export async function wayOut(
  closed: NonNullable<Grant['closed']>,
  outside: Outside = OUTSIDE,
): Promise<OffloadError | undefined> {
  const own = new Resolver({ timeout: ANSWERED_IN, tries: 1 });
  const found = await Promise.all([
    ...outside.hosts.map(async ({ host, port }) =>
      (await connects(host, port)) ? `${host} port ${String(port)} answers` : undefined,
    ),
    ...outside.resolvers.map(async (server) => {
      const resolver = new Resolver({ timeout: ANSWERED_IN, tries: 1 });
      resolver.setServers([server]);
      return (await resolves(resolver, outside.names)) === undefined
        ? undefined
        : `the name server ${server} answers`;
    }),
    resolves(own, outside.names).then((name) => name && `the name ${name} is resolved`),
    leads(closed.probe),
  ]);
  const [first] = found.filter((each) => each !== undefined);
  if (first === undefined) return undefined;
  return new OffloadError('no-isolation', `The runner is not closed to the network: ${first}.`, {
    fix: 'docs/closed-network.md says what its VPC has to have. Or deploy the backend with an open network.',
  });
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (does: boolean) => (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(does);
    };
    const timer = setTimeout(end(false), ANSWERED_IN);
    socket.once('connect', end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Whoever refuses was reached.
      end(error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET')();
    });
  });
}

/** The first of these names that a resolver knows something of. */
async function resolves(resolver: Resolver, names: readonly string[]): Promise<string | undefined> {
  const cancel = setTimeout(() => resolver.cancel(), ANSWERED_IN);
  try {
    const known = await Promise.all(
      names.flatMap((name) => [
        resolver.resolve4(name).then(
          () => name,
          () => undefined,
        ),
        resolver.resolveTxt(name).then(
          () => name,
          () => undefined,
        ),
      ]),
    );
    return known.find((name) => name !== undefined);
  } finally {
    clearTimeout(cancel);
  }
}

/**
 * Whether the way to the store leads to more of it than runs have, which an endpoint's policy has to keep it from. Control,
 * which has signed the address, may read there: whoever is refused is refused by the way.
 */
async function leads({ url, headers }: NonNullable<Grant['closed']>['probe']): Promise<string | undefined> {
  try {
    const { status } = await httpExchange(url, { method: 'GET', headers, silence: ANSWERED_IN });
    if (status === 403) return undefined;
    return `its way to the store leads to more than runs and their files (${String(status)})`;
  } catch {
    return 'the store could not be asked whether its way there leads elsewhere too';
  }
}
