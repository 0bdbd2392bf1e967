import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../../../scripts/setup/processes.mjs';
import { SILENCE_LIMIT } from '../limits.ts';
import { freshEnvironment } from './fresh-environment.ts';
import type { Part } from './in-order.ts';
import { leftProcesses } from './left-processes.ts';
import { readResults, type Result } from './result.ts';
import type { Tier } from './tiers.ts';

/** Milliseconds that a tier which sees by itself that an editor is silent has to say so. */
const OWN_WORD = 60_000;
/** Milliseconds between a tier's last test and the end of its process. */
const END_LIMIT = 15_000;

interface TierRun {
  /** Runs only the tests whose full title matches; the empty string is all. */
  grep: string;
  interruption: AbortSignal;
  /** Where its output is shown. */
  output: Part;
  /** Milliseconds without a result after which it counts as hanging. */
  silenceLimit?: number;
}

/** A tier writes into a pipe, which says nothing of the screen behind it. */
const colors = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? ['--colors'] : [];

/**
 * Runs a tier in a process and an environment of its own and gives what became of its tests. A process that
 * crashes, hangs or leaves others behind adds a failure. Aborting ends the tier at once.
 */
export async function runTier(
  tier: Tier,
  { grep, interruption, output, silenceLimit = SILENCE_LIMIT + OWN_WORD }: TierRun,
): Promise<Result[]> {
  const environment = freshEnvironment();
  const file = join(environment.folder, 'results');
  const child = spawn(
    process.execPath,
    [tier.script, ...tier.args, ...colors, '--results', file, '--grep', grep, ...tier.files],
    {
      env: { ...environment.env, ...tier.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what hangs can be ended with all its children.
      detached: true,
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output.write(chunk);
    });
  }
  const closed = once(child, 'close').catch(() => undefined);
  const problem = await ending(child, file, { interruption, silenceLimit });
  endGroup(child);
  // What it leaves behind may hold its output open.
  await Promise.race([closed, sleep(1000)]);
  const results = readResults(file);
  const fail = (message: string) => {
    output.write(`\n  ${tier.name}: ${message}\n`);
    results.push({ type: 'fail', title: tier.name, message });
  };
  if (problem !== undefined) fail(problem);
  const left = await leftProcesses(environment.folder);
  if (left.length > 0) {
    fail(
      `left processes behind:\n${left.map((each) => `    ${String(each.pid)} ${each.command.slice(0, 200)}`).join('\n')}`,
    );
  }
  for (const { pid } of left) signal(pid, 'SIGKILL');
  environment.remove();
  return results;
}

/** Waits for the tier's process; gives what is wrong with how it ended, or undefined. */
async function ending(
  child: ChildProcess,
  file: string,
  { interruption, silenceLimit }: Required<Pick<TierRun, 'interruption' | 'silenceLimit'>>,
): Promise<string | undefined> {
  const exit = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signalName) => {
      resolve(signalName ?? String(code));
    });
  });
  let how: string | undefined;
  let told = -1;
  let lastSign = Date.now();
  while (how === undefined) {
    how = await Promise.race([exit, sleep(200, undefined)]);
    if (how !== undefined) break;
    if (interruption.aborted) return 'was interrupted';
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > told) [told, lastSign] = [size, Date.now()];
    const silence = Date.now() - lastSign;
    if (silence > END_LIMIT && hasEnded(file))
      return 'did not end after its last test: something that a test opened is still open';
    if (silence > silenceLimit) return `was ended: no test of it ended for ${String(silenceLimit / 1000)} s`;
  }
  const results = readResults(file);
  const failed = results.some((result) => result.type === 'fail');
  if (!hasEnded(file)) return `crashed before its end (exit ${how})`;
  return how === '0' || failed ? undefined : `crashed after its last test (exit ${how})`;
}

const hasEnded = (file: string) => readResults(file).at(-1)?.type === 'end';

/** Ends a tier that still runs; what it leaves behind after its own end is for the search to find. */
function endGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    signal(-child.pid, 'SIGKILL');
}
