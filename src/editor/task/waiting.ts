/** Whoever waits for a task to be sent. */
export interface Waiting {
  /** What is done now, in a few words. */
  onStep: (doing: string) => void;
  signal: AbortSignal;
}
