import { OffloadError } from '../../../src/protocol/error.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { Session } from '../sessions/session.ts';
import type { TaskServices } from './task-services.ts';

/** The session that a task works in: a new one, or that of the task that it goes on with. */
export async function openSession(
  { runId, resume, agent }: TaskRequest,
  { sessions, isolation }: TaskServices,
): Promise<Session> {
  if (resume === undefined)
    return await sessions.create(runId, { agent: agent.id, owner: isolation.owner() });
  const session = await sessions.resume(resume, runId);
  const { record } = session;
  if (record.agent === agent.id) return session;
  session.release();
  throw new OffloadError('bad-request', `The conversation is one with ${record.agent}.`, {
    fix: 'Reply with the same agent, or start a new task.',
  });
}
