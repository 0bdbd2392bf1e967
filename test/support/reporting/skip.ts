type Skippable = (Mocha.Suite | Mocha.Runnable) & { [reasonKey]?: string };

/** Registered, because each bundled test file has this module for itself. */
const reasonKey = Symbol.for('offload.test.skipReason');

/**
 * Skips the running test, or all tests of the suite when called in its `before`, and keeps the reason for the
 * report. A test that is skipped in another way counts as failed.
 */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.runnable();
  // A hook before each test skips that test; one before all skips its suite.
  const skipped: Skippable | undefined = runnable.title.startsWith('"before all"')
    ? runnable.parent
    : runnable.title.startsWith('"before each"')
      ? context.currentTest
      : runnable;
  if (skipped !== undefined) skipped[reasonKey] = reason;
  context.skip();
}

/** Why a test was skipped; undefined when nobody said. */
export function skipReason(test: Mocha.Test): string | undefined {
  for (let each: Skippable | undefined = test; each !== undefined; each = each.parent) {
    if (each[reasonKey] !== undefined) return each[reasonKey];
  }
  return undefined;
}
