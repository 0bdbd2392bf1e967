import type { CheckpointState } from '../checkpoint/checkpoint-state.ts';
import type { Destination } from '../checkpoint/restore-archive.ts';
import type { StoreBody } from '../store/store.ts';

/** What of a task's state only the place knows that carries it out. */
export type TaskState = Omit<CheckpointState, 'format' | 'inbox'>;

/** How a task goes on where another function has left it, and is left to another one. */
export interface TaskMove {
  /** Undefined for a task that begins. */
  from:
    | {
        /** The number of the last event that was told. */
        seq: number;
        /** Milliseconds since the task began. */
        elapsedMs: number;
        /** Brings what was left into the trees, and tells how the task stands. */
        restore(trees: Destination): Promise<CheckpointState>;
      }
    | undefined;
  /** By when what is left has to be stored; `performance.now()`. Undefined where the task has to end here. */
  deadline: number | undefined;
  /** Seconds that a task has here at most, and those of a function. */
  maxWallSeconds: number;
  functionSeconds: number;
  /**
   * Stores how the task stands and its files. What comes for it from then on is for whoever goes on with it.
   * @throws OffloadError where that fails, and the task ends here
   */
  store(body: (inbox: number) => Exclude<StoreBody, Buffer>): Promise<void>;
}
