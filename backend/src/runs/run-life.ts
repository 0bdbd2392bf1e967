import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import type { Journal } from '../journal/journal.ts';
import type { Slots } from './slots.ts';

/** Why a run is ended before it ends by itself. */
export type Ending = 'cancelled' | OffloadError;

/** Why the work of a run stops that goes on elsewhere. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** What the lives of runs differ in. */
export interface RunWork {
  /** Carries the run out, up to its terminal event, or up to where it goes on elsewhere: then this journal ends without one. */
  carryOut(): Promise<EventBody | 'moved'>;
  /** Removes what the run leaves besides its journal and blobs. Called once or twice. */
  cleanUp(): Promise<void>;
}

/** A run's way from its submission to its terminal event, which it always gets. */
export class RunLife {
  readonly runId: string;
  readonly journal: Journal;
  usage: Usage = { wallMs: 0, outputBytes: 0 };
  readonly #queuedAt: number | undefined;
  readonly #stopping = new AbortController();
  #ending: Ending | undefined;
  #paused = false;

  /** @param queuedAt when it was queued, in milliseconds since 1970, where that is not now */
  constructor(runId: string, journal: Journal, queuedAt?: number) {
    this.runId = runId;
    this.journal = journal;
    this.#queuedAt = queuedAt;
  }

  /** Aborted when the run is to be ended. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Whether the run was stopped to go on elsewhere. It may be ended all the same. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Stops what runs, as {@link end} does, and ends nothing: the signal's reason is {@link Paused}. */
  pause(): void {
    if (this.#stopping.signal.aborted) return;
    this.#paused = true;
    this.#stopping.abort(new Paused());
  }

  /** Ends the run. The first reason counts. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#stopping.abort();
  }

  /** Notes why the run fails, and stops nothing. */
  fail(error: OffloadError): void {
    this.#ending ??= error;
  }

  /**
   * Lives the run when a slot is free. Resolves when it has ended and left nothing but its journal and blobs.
   * @param isBegun it goes on, and has its first events elsewhere
   */
  async live(slots: Slots, work: RunWork, isBegun = false): Promise<void> {
    try {
      if (!isBegun)
        this.journal.append({ type: 'phase', phase: 'queued', runId: this.runId }, this.#queuedAt);
      await slots.take(this.signal);
      try {
        const end = await work.carryOut();
        await this.drained();
        if (this.#ending !== undefined) this.journal.append(this.terminal(this.#ending));
        else if (end === 'moved') this.journal.abandon();
        else this.journal.append(end);
      } finally {
        slots.release();
      }
    } catch (error) {
      await this.drained();
      const end = this.terminal(this.#ending ?? asOffloadError(error));
      if (!this.#appended(end)) {
        // The disk may be full of what the program wrote.
        await work.cleanUp();
        // A journal that takes no more is given up: whoever follows sees it cut.
        if (!this.#appended(end)) this.journal.abandon();
      }
    } finally {
      await work.cleanUp();
    }
  }

  /** Tells something from wherever it is noticed, of timers too. A journal that cannot be written ends the run. */
  tell(event: EventBody): void {
    void this.appendFast(event);
  }

  /** What came fast. A journal that cannot be written ends the run. */
  appendFast(event: EventBody): Promise<void> | undefined {
    try {
      return this.journal.appendFast(event);
    } catch (cause) {
      this.end(unrecorded(cause));
      return undefined;
    }
  }

  /** Waits until all that came fast is written. */
  async drained(): Promise<void> {
    await this.journal.drained().catch((cause: unknown) => {
      this.end(unrecorded(cause));
    });
  }

  terminal(ending: Ending): EventBody {
    if (ending === 'cancelled') return { type: 'cancelled', usage: this.usage };
    return { type: 'failed', error: ending.toWire(), usage: this.usage };
  }

  /** Whether the journal took an event. */
  #appended(event: EventBody): boolean {
    try {
      this.journal.append(event);
      return true;
    } catch {
      return false;
    }
  }
}

const unrecorded = (cause: unknown) =>
  new OffloadError('internal', 'The run could not be recorded: the disk takes no more.', { cause });
