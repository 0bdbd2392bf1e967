import type { RunState } from '../../core/run/state.ts';
import type { RunEvent } from '../../protocol/event.ts';
import type { RunRecord } from './record.ts';

/** What shows a run while this window follows it. */
export interface RunView {
  /** Whether the user is looking at it now. */
  readonly isSeen: boolean;
  /** Begins to show a run. What the user does there to stop it calls `onInterrupt`, until it has ended. */
  begin(record: RunRecord, onInterrupt: () => void): void;
  show(event: RunEvent): void;
  /** Shows how the run ended; resolves when everything is shown. */
  end(state: RunState): Promise<void>;
  /** Shows why the run can no longer be followed. */
  lose(message: string, fix: string | undefined): void;
}

/** For a run that something else shows, which follows it by itself. */
export class UnshownView implements RunView {
  readonly #isSeen: () => boolean;

  constructor(isSeen: () => boolean) {
    this.#isSeen = isSeen;
  }

  get isSeen(): boolean {
    return this.#isSeen();
  }

  begin(): void {
    // It is stopped where it is shown.
  }

  show(): void {
    // It is shown elsewhere.
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  lose(): void {
    // That is said elsewhere too.
  }
}
