import { DEFAULT_PORTS, parseAllowedHost, type OpenNetwork } from '../../../src/protocol/network.ts';
import type { Destination } from './destination.ts';

/** Whether a network lets a run ask for a host at all. Where the host's name leads is judged apart. */
export function isAllowed(network: OpenNetwork, { host, port }: Destination): boolean {
  if (network === 'open') return true;
  return network.allow.some((text) => {
    const allowed = parseAllowedHost(text);
    if (allowed === undefined) return false;
    const isNamed = allowed.below ? host.endsWith(`.${allowed.host}`) : host === allowed.host;
    return isNamed && (allowed.port === undefined ? DEFAULT_PORTS.includes(port) : port === allowed.port);
  });
}
