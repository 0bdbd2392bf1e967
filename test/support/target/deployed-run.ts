import assert from 'node:assert/strict';
import { killTree } from '../../../src/core/kill-tree.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import type { DeployedTestTarget } from './deployed-target.ts';
import { outcome, type Outcome } from './run.ts';

/** Prints numbers from 1 on, one each tenth of a second. */
export const counting = (upTo: number): string =>
  `for i in $(seq ${String(upTo)}); do echo $i; sleep 0.1; done`;

/** What such a program prints. */
export const lines = (upTo: number): string =>
  Array.from({ length: upTo }, (_, index) => `${String(index + 1)}\n`).join('');

/** Asserts that events are numbered from 1 on without a gap. */
export function numbered(events: readonly { seq: number }[]): void {
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
}

/** The types of the terminal events among events: of a whole run there is one. */
export const ends = (events: readonly { type: string }[]): string[] =>
  events.filter(isTerminal).map(({ type }) => type);

/** What another client of the workspace is told of a run. */
export const attached = (on: DeployedTestTarget, runId: string, after = 0): Promise<Outcome> =>
  outcome(runId, on.client().attach(runId, after));

/** Ends the environments of a function with all that runs there, as Lambda ends them. */
export function endEnvironments(on: DeployedTestTarget, name: string): void {
  for (const pid of on.endpoint.processes(name)) killTree(pid);
}
