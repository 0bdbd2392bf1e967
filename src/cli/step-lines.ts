import type { StepEvent } from '../core/deploy/steps.ts';
import { oneLine } from './say.ts';

const WORDS = { done: 'ok', skipped: '--', failed: 'FAIL' } as const;

/** Seconds after which a step that goes on is told of again. */
const AGAIN = 30;

/** What was told of a step, and what is known of it besides. */
interface Told {
  detail?: string | undefined;
  /** How long the step had taken then. */
  seconds: number;
  /** The last line of its log. */
  log?: string | undefined;
}

/** Steps as lines of text: what goes on beneath a step as it comes, and the step itself once it has ended. */
export class StepLines {
  readonly #write: (line: string) => void;
  readonly #logs: boolean;
  readonly #told = new Map<string, Told>();

  /** @param options `logs`: whether all lines of logs are told; else the last one of a step that takes long */
  constructor(write: (line: string) => void, options: { logs: boolean }) {
    this.#write = write;
    this.#logs = options.logs;
  }

  tell({ id, title, parent, state, detail, progress, log = [], seconds }: StepEvent): void {
    const indent = parent === undefined ? '' : '  ';
    if (state === 'waiting') return;
    if (state !== 'running') {
      const why = detail === undefined ? '' : `: ${detail}`;
      this.#line(`${indent}${WORDS[state].padEnd(4)}  ${title} (${seconds.toFixed(1)} s)${why}`);
      return;
    }
    if (this.#logs) for (const line of log) this.#line(`${indent}        ${line}`);
    const told = this.#told.get(id) ?? { seconds: 0 };
    told.log = log.at(-1) ?? told.log;
    this.#told.set(id, told);
    const last = this.#logs ? undefined : told.log;
    const isNew = detail !== undefined && detail !== told.detail;
    const isLong = seconds - told.seconds >= AGAIN && (progress ?? last) !== undefined;
    if (!isNew && !isLong) return;
    Object.assign(told, { detail, seconds });
    const share = progress === undefined ? undefined : `${String(Math.round(progress * 100))} %`;
    const words = [detail, share, isLong ? last : undefined];
    this.#line(`${indent}  ..  ${title}: ${words.filter((each) => each !== undefined).join(', ')}`);
  }

  #line(text: string): void {
    this.#write(oneLine(text) + '\n');
  }
}
