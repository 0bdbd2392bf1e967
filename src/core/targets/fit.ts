import { longestSeconds } from '../../protocol/check-capabilities.ts';
import { LIMIT_NAMES, LIMITS, type RequestedLimits } from '../../protocol/limits.ts';
import { isOpen, type Network } from '../../protocol/network.ts';
import type { Capabilities } from '../../protocol/reply.ts';

/**
 * Those of the usual limits that a target holds, none of them more than it has. What it does not hold may not be
 * asked for: there the limits are those of the place.
 * @param hasCredentials whether it is to have credentials of a role in AWS
 */
export function fittingLimits(
  limits: RequestedLimits,
  can: Capabilities,
  kind: 'run' | 'task' = 'run',
  hasCredentials = false,
): RequestedLimits {
  const longest = longestSeconds(can, kind, hasCredentials);
  const most: RequestedLimits = { wallSeconds: longest, memoryBytes: can.maxMemoryBytes };
  const held = LIMIT_NAMES.flatMap((name) => {
    const value = limits[name];
    if (value === undefined || !can.limits.includes(name)) return [];
    return [[name, Math.min(value, most[name] ?? Infinity)] as const];
  });
  return Object.fromEntries(held);
}

/** The same request, without what it would have anyway: so that a target with a lower bound of its own does not refuse it. */
export function withoutDefaults(requested: RequestedLimits): RequestedLimits {
  const asked = LIMIT_NAMES.filter((name) => requested[name] !== LIMITS[name].default);
  return Object.fromEntries(asked.flatMap((name) => (name in requested ? [[name, requested[name]]] : [])));
}

/** Whether a target can hold programs to a network. */
export function holdsNetwork(network: Network, can: Capabilities): boolean {
  if (!isOpen(network)) return can.network.includes('closed');
  return network === 'open' ? can.network.includes('open') : can.networkAllow === true;
}
