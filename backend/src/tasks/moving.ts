import { OffloadError } from '../../../src/protocol/error.ts';
import { MAX_CHECKPOINT_BYTES } from '../checkpoint/archive-entry.ts';
import type { Stage } from '../checkpoint/checkpoint-state.ts';
import type { RunLife } from '../runs/run-life.ts';

/** Milliseconds that stopping and storing take besides what there is to store: a part of the time that is left. */
const PART = 0.15;
const [SHORTEST, LONGEST] = [5000, 20_000];

/** Bytes a millisecond that are stored at least. */
const RATE = 20_000;

/** What the leading away of a task wants to know of it. */
export interface MovingTask {
  /** About how many bytes there are to store. */
  size(): Promise<number>;
  /** What has not come to its end in the whole time here, where nothing has come of the task since it went on. */
  stuckAt(): Stage | undefined;
}

/** Stops a task in time for it to be stored and to go on elsewhere. */
export class Moving {
  readonly #life: RunLife;
  readonly #task: MovingTask;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(life: RunLife, task: MovingTask) {
    this.#life = life;
    this.#task = task;
  }

  /** @param deadline `performance.now()` at which all has to be stored */
  start(deadline: number): void {
    const left = deadline - performance.now();
    const least = Math.min(LONGEST, Math.max(SHORTEST, left * PART));
    // One that is over before it could begin is ended by whoever holds the time.
    if (left < 2 * least) return;
    const most = Math.min(left / 2, least + MAX_CHECKPOINT_BYTES / RATE);
    this.#at(deadline - most, () => {
      void this.#task
        .size()
        .catch(() => 0)
        .then((bytes) => {
          this.#at(deadline - Math.min(most, least + bytes / RATE), () => {
            this.#stop();
          });
        });
    });
  }

  /** It has come to its end here. */
  end(): void {
    clearTimeout(this.#timer);
    this.#ended = true;
  }

  #at(time: number, act: () => void): void {
    if (!this.#ended) this.#timer = setTimeout(act, Math.max(0, time - performance.now())).unref();
  }

  #stop(): void {
    if (this.#life.signal.aborted) return;
    const stage = this.#task.stuckAt();
    if (stage !== undefined) {
      this.#life.end(stuck(stage));
      return;
    }
    const message = 'The time of the function is nearly over: the task goes on in a fresh one.';
    this.#life.tell({ type: 'notice', code: 'moving', message });
    this.#life.pause();
  }
}

const WHAT: Record<Stage, string> = {
  agent: 'the agent gave no answer',
  check: 'its check did not end',
  execute: 'a program that it made did not end',
};

const stuck = (stage: Stage) =>
  new OffloadError('timeout', `The task did not get on in the whole time of a function: ${WHAT[stage]}.`, {
    fix: 'What it did is kept. Deploy the backend with a longer timeout, or run it on this computer.',
  });
