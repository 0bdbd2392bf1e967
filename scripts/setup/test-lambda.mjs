import { ensureLambdaRuntime } from './lambda-runtime.mjs';
import { node24 } from './node24.mjs';
import { orReason } from './or-reason.mjs';

/** The variable that tells where the client is that runs handlers as AWS Lambda does, or why there is none. */
export function testLambda() {
  return orReason('LAMBDA_RUNTIME', async () => ({
    OFFLOAD_TEST_LAMBDA_RUNTIME: await ensureLambdaRuntime(node24().path),
  }));
}
