import { parseArgs } from 'node:util';
import type { Report } from './figure.ts';
import { loadLine, machineLine } from './machine.ts';
import { ROWS } from './rows.ts';
import { runRow } from './run-row.ts';
import { table } from './table.ts';

// The benchmarks behind scripts/bench.mjs: main.ts [--rounds N] [ROW…]
// Ends with 0 whatever the figures are, 1 when a row could not be measured, 2 for what cannot be asked.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' } },
});
const names = ROWS.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; the rows are ${names.join(', ')}.`);
  process.exit(2);
}
if (values.rounds !== undefined && !/^[1-9]\d{0,3}$/.test(values.rounds)) {
  console.error(`--rounds takes a number from 1 to 9999, not ${JSON.stringify(values.rounds)}.`);
  process.exit(2);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort();
  });
}

console.log(machineLine());
const reports: Report[] = [];
for (const row of names.filter((name) => positionals.length === 0 || positionals.includes(name))) {
  if (interruption.signal.aborted) break;
  const started = performance.now();
  const outcome = await runRow(row, values.rounds, interruption.signal);
  reports.push({ row, outcome });
  console.log(
    `${row}: ${outcome.type}, ${((performance.now() - started) / 1000).toFixed(0)} s, ${loadLine()}`,
  );
}

console.log(`\n${table(reports)}`);
if (interruption.signal.aborted) process.exitCode = 130;
else process.exitCode = reports.some(({ outcome }) => outcome.type === 'failed') ? 1 : 0;
