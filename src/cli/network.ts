import { NETWORK_WORDS, parseNetwork, type Network } from '../protocol/network.ts';
import { Usage } from './usage.ts';

/** What help says of the default, which most backends on lambda cannot hold programs to. */
export const OPEN_THERE = 'on lambda say open, unless it was deployed with --network closed';

/** The network that a command line asks for. @throws Usage */
export function networkOf(text: string | undefined): Network {
  const network = text?.trim() === '' ? undefined : parseNetwork(text ?? 'closed');
  if (network === undefined) throw new Usage(`--network takes ${NETWORK_WORDS}; not "${text ?? ''}"`);
  return network;
}
