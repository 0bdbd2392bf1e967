import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../src/core/lambda-local/call.ts';
import type { DeployedFunction } from '../../../src/core/lambda-local/deployed-function.ts';
import { ServiceError } from '../../../src/core/lambda-local/service-error.ts';

/** Milliseconds between two tries of an event that there is no room for; Lambda's own begin with a second. */
const AGAIN = 500;

/** Tries of an event that a function fails with, as Lambda has them where nothing else is set. */
const TRIES = 3;

/**
 * Carries an asynchronous invocation out as Lambda does: it waits until the function has room, its answer goes nowhere, and
 * one that fails is tried again. What is given up is said on standard error.
 */
export function invokeLater(
  { deployed, arn }: { deployed: DeployedFunction; arn: string },
  { payload, tenant }: Call,
): void {
  const sink = { write: () => Promise.resolve(true) };
  const work = async (): Promise<void> => {
    for (let failures = 0; failures < TRIES;) {
      try {
        const own = tenant === undefined ? {} : { tenant };
        const invocation = { requestId: randomUUID(), payload, functionArn: arn, ...own };
        if ((await deployed.invoke(invocation, sink)).kind === 'complete') return;
        failures++;
      } catch (error) {
        if (!(error instanceof ServiceError) || error.status !== 429) throw error;
      }
      await sleep(AGAIN, undefined, { ref: false });
    }
    throw new Error(`it failed ${String(TRIES)} times`);
  };
  work().catch((error: unknown) => {
    console.error(`An event of ${arn} is given up:`, error);
  });
}
