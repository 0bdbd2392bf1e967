/** What one execution of a program took, in milliseconds, and gave. */
export interface Timed {
  /** From the start until nothing more comes. */
  ms: number;
  /** From the start to the first byte of its output; NaN where there was none. */
  firstMs: number;
  /** What it wrote to stdout. */
  bytes: number;
}
