import type { StepEvent } from '../core/deploy/steps.ts';
import { oneLine } from './say.ts';

const WORDS = { done: 'ok', skipped: '--', failed: 'FAIL' } as const;

/** Steps as lines of text: what goes on beneath a step as it comes, and the step itself once it has ended. */
export class StepLines {
  readonly #write: (line: string) => void;
  readonly #logs: boolean;
  readonly #told = new Map<string, string>();

  /** @param options `logs`: whether lines of logs are told too */
  constructor(write: (line: string) => void, options: { logs: boolean }) {
    this.#write = write;
    this.#logs = options.logs;
  }

  tell({ id, title, parent, state, detail, log, seconds }: StepEvent): void {
    const indent = parent === undefined ? '' : '  ';
    if (state === 'waiting') return;
    if (state !== 'running') {
      const why = detail === undefined ? '' : `: ${detail}`;
      this.#line(`${indent}${WORDS[state].padEnd(4)}  ${title} (${seconds.toFixed(1)} s)${why}`);
      return;
    }
    if (this.#logs) for (const line of log ?? []) this.#line(`${indent}        ${line}`);
    if (detail === undefined || this.#told.get(id) === detail) return;
    this.#told.set(id, detail);
    this.#line(`${indent}  ..  ${title}: ${detail}`);
  }

  #line(text: string): void {
    this.#write(oneLine(text) + '\n');
  }
}
