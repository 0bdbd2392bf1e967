import assert from 'node:assert/strict';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { request, type Extra } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export interface StartedRun {
  runId: string;
  /** The events up to its first output. */
  events: RunEvent[];
  /** The number of the last of them. */
  seq: number;
  /** The events after these. */
  rest: Promise<RunEvent[]>;
  /** Stops following. */
  leave(): void;
}

/** Submits a program and gives it back once it has printed something. */
export async function startedRun(
  target: Target,
  language: string,
  text: string,
  extra?: Extra,
): Promise<StartedRun> {
  const ready = request(target, language, text, extra);
  const leaving = new AbortController();
  const stream = target.sandbox.submit(ready, leaving.signal)[Symbol.asyncIterator]();
  const events: RunEvent[] = [];
  while (events.at(-1)?.type !== 'output') {
    const next = await stream.next();
    assert(next.done !== true && !isTerminal(next.value), JSON.stringify(events));
    events.push(next.value);
  }
  const rest = (async () => {
    const more: RunEvent[] = [];
    for (let next = await stream.next(); next.done !== true; next = await stream.next())
      more.push(next.value);
    return more;
  })();
  // Whoever awaits it sees the failure; one who leaves does not.
  rest.catch(() => undefined);
  return {
    runId: ready.runId,
    events,
    seq: events.length,
    rest,
    leave: () => {
      leaving.abort();
    },
  };
}
