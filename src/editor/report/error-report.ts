import type * as vscode from 'vscode';
import { asOffloadError, type OffloadError } from '../../protocol/error.ts';
import { isAbort } from '../abort.ts';
import type { Place } from '../deploy/place.ts';
import type { Dialogs } from '../dialogs.ts';
import { LostRun } from '../run/lost-run.ts';
import { applyRemedy } from './apply-remedy.ts';
import { causeChain, messageOf, remediesFor, type Remedy } from './remedy.ts';

/** What is offered with an error beside what its code alone offers. */
export interface Action {
  label: string;
  act: () => Promise<unknown>;
}

interface More {
  retry?: () => Promise<unknown>;
  task?: string;
  /** The likeliest first. They come before all others. */
  actions?: readonly Action[];
  /** They come after all others, where there is room. */
  also?: readonly Action[];
  /** The backend in AWS that it was about. */
  place?: Place | undefined;
}

/** Buttons that a notification has room for, the log's with them. */
const MAX_BUTTONS = 3;

/** The one place where errors come to the user: logged with their causes, shown with buttons that help. */
export class ErrorReport {
  readonly #log: vscode.LogOutputChannel;
  readonly #dialogs: () => Dialogs;

  constructor(log: vscode.LogOutputChannel, dialogs: () => Dialogs) {
    this.#log = log;
    this.#dialogs = dialogs;
  }

  /**
   * Logs and shows anything thrown; an abort is an outcome and no error. Resolves when the user has answered; never
   * rejects.
   * @param doing what went wrong, for the log: a command's id
   * @param more.retry does it once more; a run that is lost is followed again instead
   * @param more.actions what is known to help here
   * @param more.also what may be wanted now besides
   * @param more.place the backend in AWS that it was about
   * @param more.task the run of a task that has ended with the error
   */
  async show(thrown: unknown, doing: string, more: More = {}): Promise<void> {
    if (isAbort(thrown)) return;
    const error = this.log(thrown, doing);
    const followAgain = thrown instanceof LostRun && {
      retry: () => thrown.followAgain().catch((again: unknown) => this.show(again, doing, more)),
    };
    try {
      await this.#offer(error, { ...more, ...followAgain });
    } catch (failure) {
      this.#log.error(`What was offered for ${error.code} failed.`, failure);
    }
  }

  /** Logs anything thrown, with everything that led to it. */
  log(thrown: unknown, doing: string): OffloadError {
    const error = asOffloadError(thrown);
    this.#log.error(`${doing}: ${error.code}: ${causeChain(thrown)}`);
    return error;
  }

  async #offer(error: OffloadError, { retry, task, actions = [], also = [], place }: More): Promise<void> {
    const remedies = remediesFor(error, retry !== undefined, task).map((remedy): Action => ({
      label: remedy.label,
      act: () => applyRemedy(ofPlace(remedy, place), this.#log, retry),
    }));
    // The last one is the log.
    const all = [...actions, ...remedies.slice(0, -1), ...also].filter(
      ({ label }, i, each) => each.findIndex((other) => other.label === label) === i,
    );
    const offered = [...all.slice(0, MAX_BUTTONS - 1), ...remedies.slice(-1)];
    const answer = await this.#dialogs().ask({
      severity: severityOf(error),
      message: messageOf(error),
      buttons: offered.map(({ label }) => label),
    });
    await offered.find(({ label }) => label === answer)?.act();
  }
}

const ofPlace = (remedy: Remedy, place: Place | undefined): Remedy =>
  remedy.kind === 'policy' && place !== undefined ? { ...remedy, place } : remedy;

/** A mistake that the user can mend is a warning; what should not happen is an error. */
const severityOf = ({ code }: OffloadError): 'warning' | 'error' =>
  code === 'bad-request' || code === 'untrusted' || code === 'unknown-language' ? 'warning' : 'error';
