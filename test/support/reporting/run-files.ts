import Mocha from 'mocha';
import { appendResult } from './result.ts';
import { TEST_LIMIT } from '../limits.ts';
import { skipReason } from './skip.ts';

interface SuiteRun {
  /** Test files, absolute. */
  files: string[];
  /** Runs only the tests whose full title matches; the empty string is all. */
  grep: string;
  /** The results file that each outcome is appended to. */
  results: string;
  /** Whether the list has colours. */
  colors: boolean;
}

/**
 * Runs test files with mocha in this process: the list goes to the screen as the tests run, each outcome to the
 * results file, whose last line says that the suite ran to its end. Gives the number of failures.
 */
export async function runFiles({ files, grep, results, colors }: SuiteRun): Promise<number> {
  const options: Mocha.MochaOptions & { failHookAffectedTests: boolean } = {
    ui: 'bdd',
    timeout: TEST_LIMIT,
    forbidOnly: true,
    color: colors,
    failHookAffectedTests: true,
    reporter: reporterTo(results),
    ...(grep === '' ? {} : { grep: new RegExp(grep) }),
  };
  const mocha = new Mocha(options);
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  appendResult(results, { type: 'end' });
  return failures;
}

/** Mocha's `spec` reporter, which also writes to the results file and shows why a test was skipped. */
function reporterTo(results: string): Mocha.ReporterConstructor {
  return class extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
      super(runner, options);
      const title = (test: Mocha.Runnable) => test.titlePath().join(' › ');
      runner.on('pass', (test) => {
        appendResult(results, { type: 'pass', title: title(test) });
      });
      runner.on('fail', (test, error: unknown) => {
        appendResult(results, { type: 'fail', title: title(test), message: describe(error) });
      });
      runner.on('pending', (test) => {
        const reason = skipReason(test);
        if (reason === undefined) {
          const message = 'Skipped without a reason: call skip(this, reason) of test/support/reporting.';
          Mocha.reporters.Base.consoleLog(`      ${message}`);
          appendResult(results, { type: 'fail', title: title(test), message });
        } else {
          Mocha.reporters.Base.consoleLog(`      skipped: ${reason}`);
          appendResult(results, { type: 'skip', title: title(test), reason });
        }
      });
    }
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${describe(error.cause)}`;
}
