import * as z from 'zod/mini';

const schema = z.record(z.string().check(z.startsWith('OFFLOAD_TEST_')), z.string());

/**
 * Resolves once whoever started this process has told it the variables that were not known at its start, and has put them
 * into the environment. Where that one ends without having said so, `onGone` is called.
 */
export function laterVariables(onGone: () => void): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', (message) => {
      process.off('disconnect', onGone);
      Object.assign(process.env, schema.parse(message));
      resolve();
    });
    if (process.connected) process.once('disconnect', onGone);
    else onGone();
  });
}
