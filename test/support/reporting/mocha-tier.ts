import { parseArgs } from 'node:util';
import { runFiles } from './run-files.ts';

// The process of a tier whose tests run in plain Node: mocha-tier.ts --results FILE [--grep TEXT] [--colors] TEST_FILE…
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    results: { type: 'string', default: '' },
    grep: { type: 'string', default: '' },
    colors: { type: 'boolean', default: false },
  },
});
const failures = await runFiles({ files: positionals, ...values });
process.exitCode = failures === 0 ? 0 : 1;
