import { OffloadError } from '../../../src/protocol/error.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { AgentAdapter } from '../agents/agent.ts';
import type { TaskServices } from './task-services.ts';

/**
 * What carries a task out.
 * @throws OffloadError `not-supported` where no tasks are taken, or none with that agent
 */
export function taskAdapter(
  { agent }: TaskRequest,
  services: TaskServices | undefined,
): { adapter: AgentAdapter; services: TaskServices } {
  if (services === undefined) throw new OffloadError('not-supported', 'This target takes no tasks.');
  const adapter = services.adapters.find(({ id }) => id === agent.id);
  if (adapter !== undefined) return { adapter, services };
  const known = services.adapters.map(({ id }) => id).join(', ');
  throw new OffloadError('not-supported', `This target has no agent ${JSON.stringify(agent.id)}.`, {
    fix: `Choose one of ${known}.`,
  });
}
