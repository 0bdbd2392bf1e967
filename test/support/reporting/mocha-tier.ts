import { parseArgs } from 'node:util';
import { runFiles } from './run-files.ts';

// The process of a tier whose tests run in plain Node: mocha-tier.ts --results FILE [--grep TEXT] TEST_FILE…
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { results: { type: 'string', default: '' }, grep: { type: 'string', default: '' } },
});
const failures = await runFiles({ files: positionals, grep: values.grep, results: values.results });
process.exitCode = failures === 0 ? 0 : 1;
