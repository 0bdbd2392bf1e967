import { join } from 'node:path';
import { lambdaSandbox } from '../../../src/core/lambda/lambda-sandbox.ts';
import { startLambdaEndpoint } from '../lambda/endpoint.ts';
import { findRuntime } from '../lambda/find-runtime.ts';
import type { LambdaEndpoint } from '../lambda/types.ts';
import { skip } from '../reporting/skip.ts';
import { dist, shortFolder } from './local-target.ts';
import type { Target } from './target.ts';
import { rmSync } from 'node:fs';

/** The built backend as a Lambda function: AWS's runtime client behind the tests' own endpoint, called by AWS's SDK. */
export interface LambdaTestTarget extends Target {
  endpoint: LambdaEndpoint;
  functionName: string;
}

const functionName = 'offload-runner';

export async function lambdaTarget(
  context: Mocha.Context,
  options: { timeoutSeconds?: number } = {},
): Promise<LambdaTestTarget> {
  const runtime = await findRuntime();
  if ('missing' in runtime) skip(context, runtime.missing);
  const temporary = shortFolder('l-');
  const endpoint = await startLambdaEndpoint({
    functions: {
      [functionName]: {
        bundle: join(dist, 'backend', 'lambda.mjs'),
        timeoutSeconds: options.timeoutSeconds ?? 60,
        memoryMb: 1024,
        env: { TMPDIR: temporary, PATH: process.env['PATH'] ?? '' },
      },
    },
    throttle: false,
  });
  const { credentials, region } = endpoint;
  const sandbox = lambdaSandbox({
    functionName,
    region,
    endpoint: endpoint.endpoint,
    credentials,
    maxAttempts: 1,
  });
  const dispose = async (): Promise<void> => {
    sandbox.dispose();
    await endpoint.dispose();
    rmSync(temporary, { recursive: true, force: true });
  };
  try {
    const { capabilities } = await sandbox.environment();
    return { sandbox, capabilities, endpoint, functionName, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
