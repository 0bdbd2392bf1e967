import type { SessionRun, SessionSummary } from '../../protocol/chat.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatBackend, Overview } from './chat-service.ts';

/** Characters of a prompt that name a session which has nothing else. */
const TITLE = 200;

/** The runs of a session, the oldest first: those with a record, and those that the chat alone remembers. */
export async function runsOf(
  session: string,
  { backend, memory }: { backend: Pick<ChatBackend, 'tasks'>; memory: ChatMemory },
): Promise<SessionRun[]> {
  const tasks = await backend.tasks(session);
  const known = new Set(tasks.map(({ runId }) => runId));
  const others = memory.entriesOf(session).filter(({ runId }) => !known.has(runId));
  return [...tasks, ...others].sort((a, b) => a.createdAt - b.createdAt);
}

/** All sessions, the newest first: those with a record, and those with nothing but a task that was not sent. */
export function allSessions({ sessions }: Pick<Overview, 'sessions'>, memory: ChatMemory): SessionSummary[] {
  const recorded = new Set(sessions.map(({ id }) => id));
  const unsent = memory.unsent
    .filter(({ session }) => !recorded.has(session))
    .map(({ session, run }) => ({
      id: session,
      title: run.prompt.slice(0, TITLE),
      updatedAt: run.createdAt,
      active: false,
    }));
  return [...unsent, ...sessions].sort((a, b) => b.updatedAt - a.updatedAt);
}
