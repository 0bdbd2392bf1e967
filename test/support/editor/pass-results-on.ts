import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SILENCE_LIMIT } from '../limits.ts';
import { readResults, type Result } from '../reporting/result.ts';
import type { HostRun } from './host-run.ts';

export interface ResultsStream {
  run: HostRun;
  /** Takes each result as it comes. */
  onResult: (result: Result) => void;
  /** Resolves with what is wrong when the editor dies. */
  death: Promise<string>;
  /** Milliseconds without a result after which the editor counts as dead. */
  silenceLimit?: number;
}

/**
 * Passes the results of a suite in an editor on until its end; gives what kept the end from coming, or undefined
 * when it came.
 */
export async function passResultsOn({
  run,
  onResult,
  death,
  silenceLimit = SILENCE_LIMIT,
}: ResultsStream): Promise<string | undefined> {
  let seen = 0;
  let lastSign = Date.now();
  let problem: string | undefined;
  for (;;) {
    const fresh = readResults(run.results, seen);
    seen += fresh.length;
    if (fresh.length > 0) lastSign = Date.now();
    for (const result of fresh) {
      if (result.type === 'end') return undefined;
      onResult(result);
    }
    // What was written before the death has been read by now.
    if (problem !== undefined) return problem;
    if (Date.now() - lastSign > silenceLimit) {
      const what = existsSync(run.results) ? 'no further result' : 'no result at all';
      return `the extension host gave ${what} for ${String(silenceLimit / 1000)} s`;
    }
    problem = await Promise.race([death, sleep(100, undefined)]);
  }
}
