import type { Figure } from './figure.ts';

/** What a row measures in. */
export interface Bench {
  /** A folder of the row's own, absolute and short; removed after it. */
  folder: string;
  /** How many rounds count. */
  rounds: number;
}

/** One thing that is measured, in a process and an environment of its own. */
export interface Row {
  /** What it is asked for by. */
  name: string;
  /** Rounds that count where nothing else is asked. */
  rounds: number;
  /**
   * Measures. What was started is ended by the end, or is the local backend.
   * @throws CannotRun where the machine lacks something; anything else is a failure
   */
  measure(bench: Bench): Promise<Figure[]>;
}

/** A row cannot run here. Its message says why, and what to do. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
