import { follow, type FollowStart } from '../../core/run/follow.ts';
import { INITIAL_STATE, reduce, type RunState } from '../../core/run/state.ts';
import { INITIAL_PROGRESS, reduceProgress } from '../../core/task/progress.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import type { RunEvent } from '../../protocol/event.ts';
import type { RunRecord } from './record.ts';

export interface FollowedRunOptions {
  sandbox: Sandbox;
  record: RunRecord;
  start: FollowStart;
  /** Each event, once, in order, with the state that it leads to. */
  onEvent: (event: RunEvent, state: RunState) => void;
}

/** A run that this window follows to its end. */
export class FollowedRun {
  readonly record: RunRecord;
  /**
   * The state at the end. Rejects with why the run can no longer be followed, or with an AbortError after
   * {@link leave}.
   */
  readonly ended: Promise<RunState>;
  /** Resolves with the first event: what could refuse the run has not. */
  readonly begun: Promise<void>;
  state: RunState = INITIAL_STATE;
  /** Of a task. */
  progress = INITIAL_PROGRESS;
  readonly #sandbox: Sandbox;
  readonly #leave = new AbortController();
  #begin: () => void = () => undefined;
  #cancelling: Promise<void> | undefined;
  #interrupting: Promise<void> | undefined;

  constructor(options: FollowedRunOptions) {
    this.record = options.record;
    this.#sandbox = options.sandbox;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.ended = this.#follow(options);
  }

  get isCancelling(): boolean {
    return this.#cancelling !== undefined;
  }

  get isInterrupted(): boolean {
    return this.#interrupting !== undefined;
  }

  /** Whether this window stopped following, while the run goes on. */
  get isLeft(): boolean {
    return this.#leave.signal.aborted;
  }

  /** Ends the run; resolves when no process of it is left. Asking twice is asking once, unless it failed. */
  cancel(): Promise<void> {
    this.#cancelling ??= this.#sandbox.cancel(this.record.runId, this.#leave.signal).then(
      () => undefined,
      (error: unknown) => {
        this.#cancelling = undefined;
        throw error;
      },
    );
    return this.#cancelling;
  }

  /** Ends the turn of a task's agent; what it did is kept. Asking twice is asking once, unless it failed. */
  interrupt(): Promise<void> {
    this.#interrupting ??= this.#sandbox
      .input(this.record.runId, { type: 'interrupt' }, this.#leave.signal)
      .catch((error: unknown) => {
        this.#interrupting = undefined;
        throw error;
      });
    return this.#interrupting;
  }

  /** Stops following; the run goes on. */
  leave(): void {
    this.#leave.abort();
  }

  async #follow({ sandbox, start, onEvent }: FollowedRunOptions): Promise<RunState> {
    for await (const event of follow(sandbox, start, this.#leave.signal)) {
      this.state = reduce(this.state, event);
      if (this.record.task !== undefined) this.progress = reduceProgress(this.progress, event);
      // A message begins another turn, which can be interrupted anew.
      if (event.type === 'agent' && event.item.kind === 'message') this.#interrupting = undefined;
      onEvent(event, this.state);
      this.#begin();
    }
    return this.state;
  }
}
