import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import type { OpenNetwork } from '../../../src/protocol/network.ts';
import { Slots } from '../runs/slots.ts';
import { isAllowed } from './allowed.ts';
import type { Destination } from './destination.ts';
import { isPublicAddress } from './public-address.ts';

/** Milliseconds for one of several addresses of a host, and for a connection in all. */
const ATTEMPT_TIME = 2000;
const CONNECT_TIME = 20_000;

/** The system resolves names in threads, of which Node has four, for files too. */
const lookups = new Slots(2);

/** What decides where a name leads and which addresses may be connected to. */
export interface NetworkRules {
  /** All addresses of a name. */
  addresses: (host: string) => Promise<string[]>;
  isPublic: (address: string) => boolean;
}

/** The rules of this machine. */
export const HOST_RULES: NetworkRules = {
  addresses: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  isPublic: isPublicAddress,
};

/** A destination that the run may not reach; `kind` says why. */
export class Refused extends Error {
  readonly kind: 'not-allowed' | 'not-public' | 'model';

  constructor(kind: Refused['kind']) {
    super(kind);
    this.kind = kind;
  }
}

/** A destination that the run may reach, and that does not answer; the message says why, for people. */
export class Unreachable extends Error {}

export interface ReachOptions {
  network: OpenNetwork;
  /** The model's own endpoint, which the relay alone speaks to. */
  model: Destination | undefined;
  rules: NetworkRules;
}

/**
 * Connects to a destination that the run may reach. Its name is resolved once, and the connection goes to the addresses
 * that were judged.
 * @throws Refused, Unreachable
 */
export async function reach(
  { host, port }: Destination,
  { network, model, rules }: ReachOptions,
  signal: AbortSignal,
): Promise<Socket> {
  if (!isAllowed(network, { host, port })) throw new Refused('not-allowed');
  if (host === model?.host && port === model.port) throw new Refused('model');
  const found = isIP(host) === 0 ? await resolved(host, rules, signal) : [host];
  const addresses = found.filter(rules.isPublic);
  const [first] = addresses;
  if (first === undefined) throw new Refused('not-public');
  return await connected(first, addresses, port, signal);
}

async function resolved(host: string, rules: NetworkRules, signal: AbortSignal): Promise<string[]> {
  await lookups.take(signal);
  let addresses: string[];
  try {
    addresses = await rules.addresses(host);
  } catch (cause) {
    throw new Unreachable('its name is not found', { cause });
  } finally {
    lookups.release();
  }
  signal.throwIfAborted();
  if (addresses.length === 0) throw new Unreachable('its name has no address');
  return addresses;
}

async function connected(
  first: string,
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const socket = connect({
    // One that is no address is resolved: by the addresses that were judged.
    ...(all.length === 1
      ? { host: first }
      : { host: 'judged.invalid', lookup: (_host, _options, done) => done(null, all) }),
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIME,
    allowHalfOpen: true,
    noDelay: true,
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIME)]) });
    return socket;
  } catch (cause) {
    socket.on('error', () => undefined);
    socket.destroy();
    signal.throwIfAborted();
    const { code } = cause as NodeJS.ErrnoException;
    throw new Unreachable(code === 'ECONNREFUSED' ? 'nobody answers there' : 'it does not answer', { cause });
  }
}
