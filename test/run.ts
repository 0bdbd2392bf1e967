import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hadToRun } from './support/reporting/had-to-run.ts';
import { laterVariables } from './support/reporting/later.ts';
import type { Result } from './support/reporting/result.ts';
import { runTiers } from './support/reporting/run-tiers.ts';
import { tierNames, tiers } from './support/reporting/tiers.ts';

// The test command behind scripts/test.mjs: run.ts [--later] [--grep TEXT] [TIER…]
// With --later, whoever started it says in a message what is made meanwhile, which some tiers wait for.
// Its last line is the sum over all tiers; it ends with 0 only when there were tests and none failed.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string', default: '' },
    later: { type: 'boolean', default: false },
    root: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => !tierNames.includes(name));
if (unknown.length > 0) {
  console.error(`There is no tier ${unknown.join(', ')}; the tiers are ${tierNames.join(', ')}.`);
  process.exit(2);
}

/** What is told once more of a failure, at most. */
const [MESSAGE_LINES, LINE_LENGTH] = [15, 500];

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort();
  });
}

const root = values.root ?? dirname(dirname(fileURLToPath(import.meta.url)));
const all = await runTiers(tiers(root, positionals), {
  grep: values.grep,
  atOnce: availableParallelism(),
  interruption: interruption.signal,
  later: values.later ? laterVariables(() => interruption.abort()) : undefined,
});
const results = all.map((result) => hadToRun(result, process.env));

const of = <Type extends Result['type']>(type: Type) =>
  results.filter((result): result is Extract<Result, { type: Type }> => result.type === type);
const [passed, failed, skipped] = [of('pass'), of('fail'), of('skip')];
for (const reason of new Set(skipped.map((each) => each.reason))) {
  console.log(`skipped, ${reason}:`);
  for (const each of skipped) if (each.reason === reason) console.log(`  ${each.title}`);
}
for (const { title, message } of failed) {
  console.log(`failed: ${title}`);
  // Where only the end of a long log is kept, this is all that tells why.
  const lines = message.split('\n');
  for (const line of lines.slice(0, MESSAGE_LINES)) console.log(`  ${line.slice(0, LINE_LENGTH)}`);
  if (lines.length > MESSAGE_LINES) console.log('  …');
}
if (passed.length + failed.length === 0) console.log('No test ran.');
console.log(
  `${String(passed.length)} passed, ${String(failed.length)} failed, ${String(skipped.length)} skipped`,
);
// A tier that cannot run here has said why; no test at all is a mistake.
process.exitCode = failed.length > 0 || passed.length + skipped.length === 0 ? 1 : 0;
if (process.connected) process.disconnect();
