import { OffloadError } from '../../../src/protocol/error.ts';
import { MAX_CHECKPOINT_BYTES } from '../checkpoint/archive-entry.ts';
import type { RunLife } from '../runs/run-life.ts';

/** Milliseconds that stopping and storing take besides what there is to store: a part of the time that is left. */
const PART = 0.15;
const [SHORTEST, LONGEST] = [3000, 20_000];

/** Bytes a millisecond that are stored at least. */
const RATE = 20_000;

/** What the leading away of a task wants to know of it. */
export interface MovingTask {
  /** About how many bytes there are to store. */
  size(): Promise<number>;
  /** Whether nothing has come of the task since it went on here. */
  isStuck(): boolean;
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
    if (this.#task.isStuck()) {
      this.#life.end(stuck());
      return;
    }
    const message = 'The time of the function is nearly over: the task goes on in a fresh one.';
    this.#life.journal.append({ type: 'notice', code: 'moving', message });
    this.#life.pause();
  }
}

const stuck = () =>
  new OffloadError(
    'timeout',
    'The task did not get on in the whole time of a function: the agent gave no answer.',
    {
      fix: 'What it did is kept. Deploy the backend with a longer timeout, or run it on this computer.',
    },
  );
