import type { OffloadError } from '../../../src/protocol/error.ts';
import type { RelayOptions } from './relay.ts';

/** Tells of what goes wrong: a refusal once for each code, a retry each time. */
export class Troubles {
  readonly #options: Pick<RelayOptions, 'onRefusal' | 'onRetry'>;
  readonly #told = new Set<string>();
  #inRow = 0;

  constructor(options: Pick<RelayOptions, 'onRefusal' | 'onRetry'>) {
    this.#options = options;
  }

  refused(error: OffloadError): void {
    if (this.#told.has(error.code)) return;
    this.#told.add(error.code);
    this.#options.onRefusal(error);
  }

  /** Gives how often in a row the model has not answered. */
  retried(reason: string, delayMs = 0): number {
    this.#inRow += 1;
    this.#options.onRetry({ attempt: this.#inRow, delayMs, reason });
    return this.#inRow;
  }

  answered(): void {
    this.#inRow = 0;
  }
}
