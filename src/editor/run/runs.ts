import * as vscode from 'vscode';
import type { FollowStart } from '../../core/run/follow.ts';
import type { RunState } from '../../core/run/state.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { asOffloadError, type OffloadError } from '../../protocol/error.ts';
import type { RunEvent } from '../../protocol/event.ts';
import { FollowedRun } from './followed-run.ts';
import { LostRun } from './lost-run.ts';
import type { RunRecord } from './record.ts';
import type { RunView } from './run-view.ts';

/** What follows when this window no longer follows a run. */
export interface RunEnd {
  /** The run has ended and all of its output is shown. */
  ended(record: RunRecord, state: RunState, view: RunView): Promise<void>;
  /**
   * It could not be begun, or can no longer be reached; `state` is what is known of it.
   * @param isNew whether it was submitted just now, for the first time
   * @returns whether it is kept, since it goes on or may
   */
  lost(record: RunRecord, state: RunState, error: OffloadError, isNew: boolean): Promise<boolean>;
}

export interface RunsOptions {
  /** The sandbox that a run is in. */
  sandboxOf: (record: RunRecord) => Sandbox;
  /** What shows a run. */
  viewOf: (record: RunRecord) => RunView;
  end: RunEnd;
  /** Shows an error that nobody waits for. */
  report: (error: unknown, doing: string) => void;
}

/** An event of a run that this window follows; the run's state counts it already. */
export interface FollowedEvent {
  run: FollowedRun;
  event: RunEvent;
}

/** The runs that this window follows, each into its view. */
export class Runs implements vscode.Disposable {
  readonly #options: RunsOptions;
  readonly #active = new Map<FollowedRun, RunView>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #followed = new vscode.EventEmitter<FollowedEvent>();
  /** Fires when a run begins, ends or enters a phase. */
  readonly onDidChange = this.#changed.event;
  /** Fires for each event of each run, once, in its order. */
  readonly onDidFollow = this.#followed.event;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** The runs that go on, the oldest first. */
  get active(): FollowedRun[] {
    return [...this.#active.keys()];
  }

  get(runId: string): FollowedRun | undefined {
    return this.active.find(({ record }) => record.runId === runId);
  }

  /** Whether the user is looking at a run that goes on. */
  isSeen(run: FollowedRun): boolean {
    return this.#active.get(run)?.isSeen === true;
  }

  /**
   * Follows a run to its end, in a view.
   * @param isNew whether nobody has submitted it before: one that was may have come in, whatever refuses it now
   * @returns when the run has ended, or this window has left it
   * @throws OffloadError why it could not be begun; {@link LostRun} where it is kept and can be followed again
   */
  async follow(record: RunRecord, start: FollowStart, isNew = 'request' in start): Promise<void> {
    const { sandboxOf, viewOf, end } = this.#options;
    const view = viewOf(record);
    const run = new FollowedRun({
      sandbox: sandboxOf(record),
      record,
      start,
      onEvent: (event) => {
        view.show(event);
        this.#followed.fire({ run, event });
        if (event.type === 'phase') this.#changed.fire();
      },
    });
    view.begin(record, () => void this.stopQuietly(run));
    this.#active.set(run, view);
    this.#tell();
    let state: RunState;
    try {
      state = await run.ended;
    } catch (thrown) {
      this.#remove(run);
      if (run.isLeft) return;
      const error = asOffloadError(thrown);
      view.lose(error.message, error.fix);
      const isKept = await end.lost(record, run.state, error, isNew);
      if (!isKept) throw thrown;
      // It may not have come in, or have been claimed alone: by its id, the same request again begins it once.
      throw this.#lost(error, record, run.state.seq <= 1 ? start : fromBeginning(record));
    }
    this.#remove(run);
    await view.end(state);
    try {
      await end.ended(record, state, view);
    } catch (thrown) {
      throw this.#lost(asOffloadError(thrown), record, fromBeginning(record));
    }
  }

  #lost(error: OffloadError, record: RunRecord, start: FollowStart): LostRun {
    return new LostRun(error, () => this.follow(record, start, false));
  }

  /** Ends a run. @throws OffloadError when the backend cannot be reached */
  async cancel(run: FollowedRun): Promise<void> {
    const cancelled = run.cancel();
    this.#changed.fire();
    await cancelled;
  }

  /**
   * Stops a run as far as it goes: an agent's turn ends, and what it did is checked and collected; what does not stop by
   * that when asked again, and any other run, is cancelled.
   */
  async stop(run: FollowedRun): Promise<void> {
    const { task } = run.record;
    if (task === undefined || run.isInterrupted || run.state.phase !== 'running') return this.cancel(run);
    const interrupted = run.interrupt();
    this.#changed.fire();
    await interrupted;
  }

  /** Stops following all; the runs go on. */
  dispose(): void {
    for (const run of this.active) run.leave();
    this.#active.clear();
    this.#changed.dispose();
    this.#followed.dispose();
  }

  /** Stops a run that nobody waits for. */
  async stopQuietly(run: FollowedRun): Promise<void> {
    try {
      await this.stop(run);
    } catch (error) {
      this.#options.report(error, 'cancel');
    }
  }

  #remove(run: FollowedRun): void {
    this.#active.delete(run);
    this.#tell();
  }

  #tell(): void {
    const tasks = this.active.some(({ record }) => record.task !== undefined);
    void vscode.commands.executeCommand('setContext', 'offload.running', this.#active.size > 0);
    void vscode.commands.executeCommand('setContext', 'offload.tasksRunning', tasks);
    this.#changed.fire();
  }
}

/** Its view shows all of it again. */
const fromBeginning = ({ runId }: RunRecord): FollowStart => ({ runId, after: 0 });
