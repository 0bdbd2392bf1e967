import { format } from 'node:util';
import Mocha from 'mocha';
import { appendResult } from '../support/reporting/result.ts';
import { runFiles } from '../support/reporting/run-files.ts';
import { readHostRun } from '../support/editor/host-run.ts';

/** Called by the extension host: runs the test files that the environment names; throws when one failed. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const { files, grep, results, colors } = readHostRun(process.env);
  // The host's own console is not on anyone's screen.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => {
    appendResult(results, { type: 'print', text: format(...args) });
  };
  const failures = await runFiles({ files, grep, results, colors });
  if (failures > 0) throw new Error(`${String(failures)} failed`);
}
