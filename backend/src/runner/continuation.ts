import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { restoreArchive, type Destination } from '../checkpoint/restore-archive.ts';
import type { CheckpointState } from '../checkpoint/checkpoint-state.ts';
import type { SegmentWriter } from '../store/journal/segment-writer.ts';
import { runKeys } from '../store/run-keys.ts';
import type { TaskMove } from '../tasks/task-move.ts';
import { httpExchange } from './http-request.ts';
import type { HttpStore } from './http-store.ts';

/** Milliseconds between tries to ask for a further function. */
const ASK_DELAYS = [200, 500, 1000, 2000, 4000];

/** How a task comes here from another function, and leaves for one. */
export class Continuation implements TaskMove {
  readonly from: TaskMove['from'];
  readonly deadline: number | undefined;
  readonly maxWallSeconds: number;
  readonly functionSeconds: number;
  /** Entries of the inbox that were taken, here and before: how many that is, is known once it is {@link ready}. */
  taken = 0;
  readonly ready: Promise<void>;
  #tellReady: () => void = () => undefined;
  /** Aborted when no more of them are to be taken. */
  readonly leaving = new AbortController();
  readonly #grant: Grant;
  readonly #store: HttpStore;
  #stored = false;

  constructor(
    grant: Grant,
    store: HttpStore,
    times: { deadline: number | undefined; maxWallSeconds: number; functionSeconds: number },
  ) {
    this.#grant = grant;
    this.#store = store;
    this.deadline = times.deadline;
    this.maxWallSeconds = times.maxWallSeconds;
    this.functionSeconds = times.functionSeconds;
    const { continued } = grant;
    this.ready =
      continued === undefined ? Promise.resolve() : new Promise((tell) => (this.#tellReady = tell));
    this.from = continued && { ...continued, restore: (trees) => this.#restore(trees) };
  }

  async store(body: Parameters<TaskMove['store']>[0]): Promise<void> {
    this.leaving.abort();
    const { runId, epoch } = this.#grant;
    await this.#store.put(runKeys(runId).checkpoint(epoch), body(this.taken));
    this.#stored = true;
  }

  /**
   * Ends this epoch of the journal and has the task gone on with, where it was left for that. Control begins it as soon as
   * it hears of it, or else when somebody asks for the run.
   */
  async leave(writer: SegmentWriter, signal: AbortSignal): Promise<void> {
    if (!this.#stored) return;
    const { url, token, epoch } = this.#grant;
    await writer.fence(epoch + 1, signal);
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const headers = { 'x-offload-token': token };
        const { status } = await httpExchange(`${url}/continue`, { method: 'POST', headers });
        if (status === 200) return;
        console.error('continue:', status);
      } catch (error) {
        console.error('continue:', error);
      }
      const wait = ASK_DELAYS[Math.min(attempt, ASK_DELAYS.length - 1)];
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  async #restore(trees: Destination): Promise<CheckpointState> {
    const { runId, epoch } = this.#grant;
    const restored: { state?: CheckpointState } = {};
    try {
      await this.#store.fetch(runKeys(runId).checkpoint(epoch - 1), async (archive) => {
        restored.state = await restoreArchive(archive, trees);
      });
      const { state } = restored;
      if (state === undefined) throw new OffloadError('interrupted', 'Nothing is there.');
      this.taken = state.inbox;
      this.#tellReady();
      return state;
    } catch (error) {
      console.error('restore:', error);
      throw notRestored(error);
    }
  }
}

const notRestored = (cause: unknown) =>
  new OffloadError('interrupted', 'The task could not go on: what it had done so far could not be fetched.', {
    fix: 'Start it again.',
    cause,
  });
