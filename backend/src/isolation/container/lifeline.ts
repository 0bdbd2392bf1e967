import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { hasEnded } from '../process-tree.ts';
import type { Engine } from './engine.ts';

const STATE_LABEL = 'offload.state';
const SERVER_LABEL = 'offload.server';
const PREFIX = 'offload-';

/** Waits until nobody holds its input any more, then removes all containers with a label. */
const SCRIPT = `
label=$1; shift
read -r _
ids=$("$@" ps --all --quiet --filter "label=$label") && [ -n "$ids" ] && exec "$@" rm --force --volumes $ids
exit 0
`;

/** The labels of a server's containers, by which they are found when it is gone. */
export const serverLabels = (state: string): Record<string, string> => ({
  [STATE_LABEL]: stateOf(state),
  [SERVER_LABEL]: serverName(state),
});

/** The name of a server's `n`th container, which says whose it is too: not every engine lists labels alike. */
export const containerName = (state: string, n: number): string =>
  `${PREFIX}${serverName(state)}-${String(n)}`;

const serverName = (state: string): string => `${stateOf(state)}-${String(process.pid)}`;

const stateOf = (state: string): string => createHash('sha256').update(state).digest('hex').slice(0, 16);

/**
 * Starts a process that removes this server's containers as soon as the server is gone, however it went: containers
 * belong to the engine and would go on.
 */
export function startLifeline(engine: Engine, state: string): ChildProcess {
  const label = `${SERVER_LABEL}=${serverName(state)}`;
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'offload-lifeline', label, ...engine.facts.command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Signals to the server's group, as from a terminal, do not end it.
    detached: true,
    cwd: '/',
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}

/** Removes containers of servers of the same state that are gone, should their lifelines be gone too. */
export async function sweepContainers(engine: Engine, state: string): Promise<void> {
  const filter = `label=${STATE_LABEL}=${stateOf(state)}`;
  const list = await engine.call('ps', '--all', '--filter', filter, '--format', '{{.Names}}');
  const isOfDead = (name: string): boolean => {
    const [, pid = ''] = name.slice(PREFIX.length).split('-');
    return name.startsWith(PREFIX) && /^\d+$/.test(pid) && hasEnded(Number(pid));
  };
  await engine.remove(...list.split('\n').filter(isOfDead));
}
