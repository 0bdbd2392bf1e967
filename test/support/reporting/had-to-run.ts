import type { Result } from './result.ts';

/**
 * With OFFLOAD_TEST_ALL=1, as in continuous integration, a test has failed that was skipped because something could not be
 * set up that this machine should have: for one of the reasons in the variables OFFLOAD_TEST_FAILED_….
 */
export function hadToRun(result: Result, env: NodeJS.ProcessEnv): Result {
  if (result.type !== 'skip' || env['OFFLOAD_TEST_ALL'] !== '1') return result;
  const { title, reason } = result;
  const failed = Object.entries(env).some(
    ([name, value]) => name.startsWith('OFFLOAD_TEST_FAILED_') && value === reason,
  );
  return failed ? { type: 'fail', title, message: `skipped, and had to run: ${reason}` } : result;
}
