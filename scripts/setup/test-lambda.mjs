import { ensureLambdaRuntime } from './lambda-runtime.mjs';
import { node24 } from './node24.mjs';
import { say } from './project.mjs';

/** The variable that tells where the client is that runs handlers as AWS Lambda does, or why there is none. */
export async function testLambda() {
  const runtime = await ensureLambdaRuntime({ node24: node24().path, log: say });
  return runtime.ok
    ? { OFFLOAD_TEST_LAMBDA_RUNTIME: runtime.dir }
    : { OFFLOAD_TEST_NO_LAMBDA_RUNTIME: runtime.reason };
}
