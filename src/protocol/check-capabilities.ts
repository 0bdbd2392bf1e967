import { OffloadError } from './error.ts';
import { LIMIT_NAMES } from './limits.ts';
import { isOpen, type Network } from './network.ts';
import type { Capabilities } from './reply.ts';
import type { RunRequest } from './request.ts';
import type { TaskRequest } from './task.ts';

/** What is looked at of a request. Of credentials it matters alone that there are some, or will be. */
export type Asked = (Omit<RunRequest, 'credentials'> | Omit<TaskRequest, 'credentials'>) & {
  credentials?: object | undefined;
};

/**
 * Seconds that a run or a task can have there at most; undefined where the place has no bound of its own.
 * @param hasCredentials nothing of a task with credentials is left for a further function, so that it has one alone
 */
export const longestSeconds = (
  can: Pick<Capabilities, 'maxWallSeconds' | 'maxTaskWallSeconds'>,
  kind: 'run' | 'task',
  hasCredentials: boolean,
): number | undefined =>
  kind === 'task' && !hasCredentials ? (can.maxTaskWallSeconds ?? can.maxWallSeconds) : can.maxWallSeconds;

/**
 * Refuses a request that asks for more than a target can do. Nothing is weakened to make it fit. The backend holds to it;
 * a client asks beforehand, so that nothing is sent in vain.
 * @throws OffloadError `no-isolation`, `not-supported` or `bad-request`, naming what is asked for
 */
export function checkCapabilities(request: Asked, can: Capabilities): void {
  if (!can.isolation.available) {
    throw new OffloadError('no-isolation', `Nothing can run here: ${can.isolation.detail}`, {
      fix: can.isolation.fix,
    });
  }
  checkNetwork(request.network, can);
  if (request.credentials !== undefined && !isOpen(request.network)) {
    throw new OffloadError(
      'bad-request',
      'Credentials for AWS are of no use: nothing of AWS can be reached on a closed network.',
      { fix: 'Allow the hosts that they are for, or open the network.' },
    );
  }
  const program = request.kind === 'run' ? request.interpreter : request.agent.program;
  if (program !== undefined && !can.hostInterpreters) {
    const what = request.kind === 'run' ? 'an interpreter' : 'an agent';
    throw notSupported(`${what} of your machine`, 'Leave it out: the target has its own.');
  }
  const { agents } = can;
  if (request.kind === 'task' && agents?.includes(request.agent.id) === false) {
    const fix = agents.length === 0 ? can.isolation.detail : `Choose ${agents.join(' or ')}.`;
    throw notSupported(`tasks with the agent ${JSON.stringify(request.agent.id)}`, fix);
  }
  for (const name of LIMIT_NAMES) {
    if (request.limits[name] !== undefined && !can.limits.includes(name)) {
      throw notSupported(`the limit ${name}`, 'Leave it out, or run on this computer.');
    }
  }
  const most = can.maxMemoryBytes;
  if (most !== undefined && (request.limits.memoryBytes ?? 0) > most) {
    const asked = `${megabytes(request.limits.memoryBytes ?? 0)} of memory for a ${request.kind}`;
    throw notSupported(asked, `${megabytes(most)} is its most: deploy it with more, or ask for less.`);
  }
  const hasCredentials = request.credentials !== undefined;
  const longest = longestSeconds(can, request.kind, hasCredentials);
  if (longest !== undefined && (request.limits.wallSeconds ?? 0) > longest) {
    const having = hasCredentials && request.kind === 'task' ? ' with credentials for AWS' : '';
    throw notSupported(
      `a ${request.kind} of ${String(request.limits.wallSeconds)} s${having}`,
      `${String(longest)} s is its longest.`,
    );
  }
}

function checkNetwork(network: Network, can: Capabilities): void {
  const means = {
    closed: 'closed to the network',
    open: 'open to the network',
    allow: 'held to a list of hosts',
  };
  const offered = [...can.network, ...(can.networkAllow === true ? (['allow'] as const) : [])];
  const mode = isOpen(network) ? (network === 'open' ? 'open' : 'allow') : 'closed';
  if (offered.includes(mode)) return;
  const others = offered
    .map((each) => means[each] + (each === 'open' ? ' (--network open)' : ''))
    .join(' or ');
  throw notSupported(`a run that is ${means[mode]}`, `Ask for one that is ${others}.`);
}

const megabytes = (bytes: number): string => `${String(Math.floor(bytes / 1024 ** 2))} MB`;

const notSupported = (what: string, fix: string) =>
  new OffloadError('not-supported', `This target does not offer ${what}.`, { fix });
