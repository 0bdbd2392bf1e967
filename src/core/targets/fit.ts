import { longestSeconds } from '../../protocol/check-capabilities.ts';
import { LIMIT_NAMES, type RequestedLimits } from '../../protocol/limits.ts';
import { isOpen, type Network } from '../../protocol/network.ts';
import type { Capabilities } from '../../protocol/reply.ts';

/**
 * Those of the usual limits that a target holds, none of them longer than its longest run. What it does not hold may not be
 * asked for: there the limits are those of the place.
 * @param hasCredentials whether it is to have credentials of a role in AWS
 */
export function fittingLimits(
  limits: RequestedLimits,
  can: Capabilities,
  kind: 'run' | 'task' = 'run',
  hasCredentials = false,
): RequestedLimits {
  const longest = longestSeconds(can, kind, hasCredentials) ?? Infinity;
  const held = LIMIT_NAMES.flatMap((name) => {
    const value = limits[name];
    if (value === undefined || !can.limits.includes(name)) return [];
    return [[name, name === 'wallSeconds' ? Math.min(value, longest) : value] as const];
  });
  return Object.fromEntries(held);
}

/** Whether a target can hold programs to a network. */
export function holdsNetwork(network: Network, can: Capabilities): boolean {
  if (!isOpen(network)) return can.network.includes('closed');
  return network === 'open' ? can.network.includes('open') : can.networkAllow === true;
}
