import { say } from './say.ts';

/** As shells say that a program ended because nobody read its output. */
const SIGPIPE_EXIT = 141;
const FAILED_EXIT = 1;

type Step = () => Promise<unknown>;
const nothing: Step = () => Promise.resolve();
let before = nothing;
let ending = false;

/** Output of ours that can no longer be written ends us as it ends other programs: quietly when its reader is gone. */
export function endWithOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (ending) return;
      ending = true;
      const gone = error.code === 'EPIPE';
      if (!gone && stream === process.stdout) say(`The output cannot be written: ${error.message}.`);
      void before().finally(() => process.exit(gone ? SIGPIPE_EXIT : FAILED_EXIT));
    });
  }
}

/** Has a step taken before such an end, until the function that it gives is called. */
export function beforeEnd(step: Step): () => void {
  before = step;
  return () => {
    before = nothing;
  };
}
