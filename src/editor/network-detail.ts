import { isOpen, networkText, type Network } from '../protocol/network.ts';

/** What a heading says of a run's network. */
export const networkDetail = (network: Network): string =>
  isOpen(network) ? `network: ${networkText(network)}` : 'no network';
