import * as vscode from 'vscode';
import type { FollowStart } from '../../core/run/follow.ts';
import type { RunState } from '../../core/run/state.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { asOffloadError, type OffloadError } from '../../protocol/error.ts';
import type { RunTerminal } from '../terminal/run-terminal.ts';
import type { Terminals } from '../terminal/terminals.ts';
import { FollowedRun } from './followed-run.ts';
import type { RunRecord } from './record.ts';

/** What follows when this window no longer follows a run. */
export interface RunEnd {
  /** The run has ended and all of its output is shown. */
  ended(record: RunRecord, state: RunState, terminal: RunTerminal): Promise<void>;
  /** It could not be begun, or can no longer be reached; `state` is what is known of it. */
  lost(record: RunRecord, state: RunState, error: OffloadError): Promise<void>;
}

export interface RunsOptions {
  sandbox: Sandbox;
  terminals: Terminals;
  end: RunEnd;
  /** Shows an error that nobody waits for. */
  report: (error: unknown, doing: string) => void;
}

/** The runs that this window follows, each into its terminal. */
export class Runs implements vscode.Disposable {
  readonly #options: RunsOptions;
  readonly #active = new Set<FollowedRun>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  /** Fires when a run begins, ends or enters a phase. */
  readonly onDidChange = this.#changed.event;

  constructor(options: RunsOptions) {
    this.#options = options;
    // As in any terminal: closing it ends what runs in it.
    this.#subscription = options.terminals.onDidClose((terminal) => {
      const run = this.get(terminal.record.runId);
      if (run !== undefined) void this.#cancelQuietly(run);
    });
  }

  /** The runs that go on, the oldest first. */
  get active(): FollowedRun[] {
    return [...this.#active];
  }

  get(runId: string): FollowedRun | undefined {
    return this.active.find(({ record }) => record.runId === runId);
  }

  /**
   * Follows a run to its end, in a terminal.
   * @returns when the run has ended, or this window has left it
   * @throws OffloadError why it could not be begun, or is lost
   */
  async follow(record: RunRecord, start: FollowStart): Promise<void> {
    const { sandbox, terminals, end } = this.#options;
    const terminal = terminals.forRun(record);
    const run = new FollowedRun({
      sandbox,
      record,
      start,
      onEvent: (event) => {
        terminal.show(event);
        if (event.type === 'phase') this.#changed.fire();
      },
    });
    terminal.begin(record, () => void this.#cancelQuietly(run));
    terminal.terminal.show(true);
    this.#add(run);
    let state: RunState;
    try {
      state = await run.ended;
    } catch (thrown) {
      this.#remove(run);
      if (run.isLeft) return;
      const error = asOffloadError(thrown);
      terminal.lose(error.message, error.fix);
      await end.lost(record, run.state, error);
      throw thrown;
    }
    this.#remove(run);
    await terminal.end(state);
    await end.ended(record, state, terminal);
  }

  /** Ends a run. @throws OffloadError when the backend cannot be reached */
  async cancel(run: FollowedRun): Promise<void> {
    const cancelled = run.cancel();
    this.#changed.fire();
    await cancelled;
  }

  /** Stops following all; the runs go on. */
  dispose(): void {
    this.#subscription.dispose();
    for (const run of this.#active) run.leave();
    this.#active.clear();
    this.#changed.dispose();
  }

  async #cancelQuietly(run: FollowedRun): Promise<void> {
    try {
      await this.cancel(run);
    } catch (error) {
      this.#options.report(error, 'cancel');
    }
  }

  #add(run: FollowedRun): void {
    this.#active.add(run);
    this.#tell();
  }

  #remove(run: FollowedRun): void {
    this.#active.delete(run);
    this.#tell();
  }

  #tell(): void {
    void vscode.commands.executeCommand('setContext', 'offload.running', this.#active.size > 0);
    this.#changed.fire();
  }
}
