import type * as vscode from 'vscode';
import { asOffloadError, type OffloadError } from '../../protocol/error.ts';
import { isAbort } from '../abort.ts';
import type { Dialogs } from '../dialogs.ts';
import { applyRemedy } from './apply-remedy.ts';
import { causeChain, messageOf, remediesFor } from './remedy.ts';

interface More {
  retry?: () => Promise<unknown>;
  task?: string;
}

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
   * @param more.retry does it once more
   * @param more.task the run of a task that has ended with the error
   */
  async show(thrown: unknown, doing: string, more: More = {}): Promise<void> {
    if (isAbort(thrown)) return;
    const error = this.log(thrown, doing);
    try {
      await this.#offer(error, more);
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

  async #offer(error: OffloadError, { retry, task }: More): Promise<void> {
    const remedies = remediesFor(error, retry !== undefined, task);
    const answer = await this.#dialogs().ask({
      severity: severityOf(error),
      message: messageOf(error),
      buttons: remedies.map(({ label }) => label),
    });
    const remedy = remedies.find(({ label }) => label === answer);
    if (remedy?.kind === 'retry') await retry?.();
    else if (remedy !== undefined) await applyRemedy(remedy, this.#log);
  }
}

/** A mistake that the user can mend is a warning; what should not happen is an error. */
const severityOf = ({ code }: OffloadError): 'warning' | 'error' =>
  code === 'bad-request' || code === 'untrusted' || code === 'unknown-language' ? 'warning' : 'error';
