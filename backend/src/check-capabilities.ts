import { OffloadError } from '../../src/protocol/error.ts';
import { LIMIT_NAMES } from '../../src/protocol/limits.ts';
import { isOpen, type Network } from '../../src/protocol/network.ts';
import type { Capabilities } from '../../src/protocol/reply.ts';
import type { RunRequest } from '../../src/protocol/request.ts';
import type { TaskRequest } from '../../src/protocol/task.ts';

/**
 * Refuses a request that asks for more than a target can do. Nothing is weakened to make it fit.
 * @throws OffloadError `no-isolation` or `not-supported`, naming what is asked for
 */
export function checkCapabilities(request: RunRequest | TaskRequest, can: Capabilities): void {
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
  if (request.kind === 'task' && can.agents?.includes(request.agent.id) === false) {
    throw notSupported(`tasks with the agent ${JSON.stringify(request.agent.id)}`, can.isolation.detail);
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
  // Nothing of a task with credentials is left for a further function.
  const goesOn = request.kind === 'task' && request.credentials === undefined;
  const longest = goesOn ? (can.maxTaskWallSeconds ?? can.maxWallSeconds) : can.maxWallSeconds;
  if (longest !== undefined && (request.limits.wallSeconds ?? 0) > longest) {
    throw notSupported(
      `a ${request.kind} of ${String(request.limits.wallSeconds)} s${goesOn || request.kind === 'run' ? '' : ' with credentials for AWS'}`,
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
  const others = offered.map((each) => means[each]).join(' or ');
  throw notSupported(`a run that is ${means[mode]}`, `Ask for one that is ${others}.`);
}

const megabytes = (bytes: number): string => `${String(Math.floor(bytes / 1024 ** 2))} MB`;

const notSupported = (what: string, fix: string) =>
  new OffloadError('not-supported', `This target does not offer ${what}.`, { fix });
