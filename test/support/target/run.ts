import assert from 'node:assert/strict';
import { runRequest, type Program } from '../../../src/core/program/program.ts';
import type { RunStream } from '../../../src/core/sandbox.ts';
import {
  isTerminal,
  type ChangeEvent,
  type RunEvent,
  type TerminalEvent,
} from '../../../src/protocol/event.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import { language as languageNamed } from './language.ts';
import type { Target } from './target.ts';

/** What a run came to. */
export interface Outcome {
  runId: string;
  events: RunEvent[];
  stdout: string;
  stderr: string;
  /** The bytes of standard output, also those that are not UTF-8. */
  bytes: Buffer;
  end: TerminalEvent;
  changes: ChangeEvent[];
  notices: { code: string; message: string }[];
}

export type Extra = Partial<Omit<Program, 'language'>>;

/** The request that runs `text` on a target, closed to the network where the target can do so. */
export function request(target: Target, languageId: string, text: string, extra: Extra = {}): RunRequest {
  const language = languageNamed(languageId);
  const { network } = target.capabilities;
  return runRequest({
    language,
    entry: `main${language.extensions[0] ?? ''}`,
    code: text,
    network: network.includes('closed') ? 'closed' : 'open',
    title: 'a test',
    ...extra,
  });
}

/** Runs a program to its end. */
export const run = (target: Target, language: string, text: string, extra?: Extra): Promise<Outcome> =>
  submit(target, request(target, language, text, extra));

export const submit = (target: Target, ready: RunRequest): Promise<Outcome> =>
  outcome(ready.runId, target.sandbox.submit(ready));

/** Reads a stream to its end, which must be a terminal event. */
export async function outcome(runId: string, stream: RunStream): Promise<Outcome> {
  const events: RunEvent[] = [];
  for await (const event of stream) events.push(event);
  const end = events.at(-1);
  assert(end !== undefined && isTerminal(end), `the stream ended with ${JSON.stringify(end)}`);
  return { runId, events, ...summary(events), end };
}

function summary(events: RunEvent[]): Omit<Outcome, 'runId' | 'events' | 'end'> {
  const changes = events.filter((event) => event.type === 'change');
  const notices = events.filter((event) => event.type === 'notice');
  const bytes = outputOf(events, 'stdout');
  return { stdout: bytes.toString(), bytes, stderr: outputOf(events, 'stderr').toString(), changes, notices };
}

/** The bytes that a program wrote to a stream. */
export const outputOf = (events: RunEvent[], stream: 'stdout' | 'stderr'): Buffer =>
  Buffer.concat(
    events
      .filter((event) => event.type === 'output')
      .filter((event) => event.stream === stream)
      .map((event) =>
        event.text === undefined ? Buffer.from(event.base64 ?? '', 'base64') : Buffer.from(event.text),
      ),
  );

/** Asserts that a run completed with exit code 0, and gives it back. */
export function succeeded(run: Outcome): Outcome {
  assert.deepEqual(
    { type: run.end.type, exitCode: run.end.type === 'completed' ? run.end.exitCode : undefined },
    { type: 'completed', exitCode: 0 },
    `${JSON.stringify(run.end)}\n${run.stderr}`,
  );
  return run;
}

/** The code of the error that a run failed with; anything else is an error of the test. */
export function failure({ end, stdout, stderr }: Outcome): string {
  if (end.type === 'failed') return end.error.code;
  assert.fail(`It did not fail: ${JSON.stringify(end)}\n${stdout}\n${stderr}`);
}

/** Each change as `operation path`, sorted. */
export const changed = (run: Outcome): string[] =>
  run.changes.map(({ operation, path }) => `${operation} ${path}`).sort();

/** The content of one changed file, as the target keeps it. */
export async function content(target: Target, run: Outcome, path: string): Promise<Buffer> {
  const change = run.changes.find((each) => each.path === path);
  assert(change?.hash !== undefined, `no change ${path} among ${changed(run).join(', ')}`);
  return target.sandbox.readBlob(run.runId, change.hash);
}
