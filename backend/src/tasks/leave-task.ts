import { asOffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import { changedEntries } from '../checkpoint/changed-entries.ts';
import { archiveBody } from '../checkpoint/write-archive.ts';
import type { RunLife } from '../runs/run-life.ts';
import type { Session } from '../sessions/session.ts';
import type { Baseline } from '../workspace/baseline.ts';
import type { TaskMove, TaskState } from './task-move.ts';

/** A task that nothing runs of any more, and what it is compared with. */
export interface LeftTask {
  session: Session;
  baseline: Baseline;
  maxBytes: number;
}

type LeftState = () => Omit<TaskState, 'conversation'>;

/**
 * Leaves a task to another function, if nothing has ended it: stores its files, and how it stands. Where that fails it
 * ends here.
 * @param state asked for when nothing more is taken for the task here
 * @returns whether that function goes on with it
 */
export async function leaveTask(
  life: RunLife,
  move: TaskMove,
  left: LeftTask,
  state: LeftState,
): Promise<boolean> {
  if (life.ending !== undefined) return false;
  try {
    for (const notice of await store(move, left, state)) life.journal.append(notice);
  } catch (error) {
    life.fail(asOffloadError(error));
  }
  return !isOver(life);
}

/** It may be over since it was asked last. */
const isOver = (life: RunLife): boolean => life.ending !== undefined;

/**
 * @returns what its user should know
 * @throws OffloadError where it cannot be stored
 */
async function store(
  move: TaskMove,
  { session, baseline, maxBytes }: LeftTask,
  state: LeftState,
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
