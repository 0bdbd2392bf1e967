import type { EventBody } from '../../../src/protocol/event.ts';
import { changedEntries } from '../checkpoint/changed-entries.ts';
import { archiveBody } from '../checkpoint/write-archive.ts';
import type { Session } from '../sessions/session.ts';
import type { Baseline } from '../workspace/baseline.ts';
import type { TaskMove, TaskState } from './task-move.ts';

/** A task that nothing runs of any more, and what it is compared with. */
export interface LeftTask {
  session: Session;
  baseline: Baseline;
  maxBytes: number;
}

/**
 * Leaves a task to another function: stores its files, and how it stands.
 * @param state asked for when nothing more is taken for the task here
 * @returns what its user should know
 * @throws OffloadError where it cannot be stored, and ends here
 */
export async function leaveTask(
  move: TaskMove,
  { session, baseline, maxBytes }: LeftTask,
  state: () => Omit<TaskState, 'conversation'>,
): Promise<EventBody[]> {
  const { entries, left } = await changedEntries(session, baseline, maxBytes);
  const { conversation } = session.record;
  await move.store((inbox) => {
    const own = conversation === undefined ? {} : { conversation };
    return archiveBody({ format: 1, inbox, ...own, ...state() }, entries, session);
  });
  if (left === 0) return [];
  const message = `Pipes, sockets and the like stay behind (${String(left)}): files, folders and links go along.`;
  return [{ type: 'notice', code: 'left-behind', message }];
}
