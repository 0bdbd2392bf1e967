import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { hasEnded } from '../process-tree.ts';
import type { Engine } from './engine.ts';

const STATE_LABEL = 'offload.state';
const SERVER_LABEL = 'offload.server';

/** Waits until nobody holds its input any more, then removes all containers with a label. */
const SCRIPT = `
label=$1; shift
read -r _
ids=$("$@" ps --all --quiet --filter "label=$label") && [ -n "$ids" ] && exec "$@" rm --force --volumes $ids
exit 0
`;

/** The labels of a server's containers, by which they are found when it is gone. */
export const serverLabels = (state: string, pid = process.pid): Record<string, string> => ({
  [STATE_LABEL]: createHash('sha256').update(state).digest('hex').slice(0, 16),
  [SERVER_LABEL]: `${stateOf(state)}-${String(pid)}`,
});

const stateOf = (state: string): string => createHash('sha256').update(state).digest('hex').slice(0, 16);

/**
 * Starts a process that removes this server's containers as soon as the server is gone, however it went: containers
 * belong to the engine and would go on.
 */
export function startLifeline(engine: Engine, state: string): ChildProcess {
  const label = `${SERVER_LABEL}=${serverLabels(state)[SERVER_LABEL] ?? ''}`;
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
  const format = `{{.ID}} {{.Label "${SERVER_LABEL}"}}`;
  const list = await engine.call('ps', '--all', '--no-trunc', '--filter', filter, '--format', format);
  const dead = list
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, server = '']) => hasEnded(Number(server.split('-')[1])));
  await engine.remove(...dead.map(([id = '']) => id).filter((id) => id !== ''));
}
