/** What a reach is about, and whether it is met from above or from below. */
export interface Reach {
  /**
   * `ratio`: the median over that of the other side. `difference`: the median less that of the other side. `p50`,
   * `p95`, `largest`: of our own values.
   */
  of: 'ratio' | 'difference' | 'p50' | 'p95' | 'largest';
  bound: '≤' | '≥';
  value: number;
}

/** What was measured, one value for each counted round, in `unit`. */
export interface Figure {
  name: string;
  unit: 'ms' | 'MB/s' | 'kB' | 'MB' | 'calls';
  ours: number[];
  /** The other side, measured in the same rounds. */
  beside?: { name: string; values: number[] };
  /** Absent where the figure is for its reader alone. */
  reach?: Reach;
  /** More than a line of a table holds. */
  notes?: string[];
}

/** What became of a row. */
export type Outcome =
  | { type: 'figures'; figures: Figure[] }
  | { type: 'skipped'; reason: string }
  | { type: 'failed'; reason: string };

export interface Report {
  row: string;
  outcome: Outcome;
}
