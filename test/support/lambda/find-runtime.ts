import { existsSync } from 'node:fs';
import path from 'node:path';
import { findLambdaRuntime } from '../../../scripts/setup/lambda-runtime.mjs';

/**
 * The folder of the runtime interface client: OFFLOAD_TEST_LAMBDA_RUNTIME, which the test command sets, else the
 * one in the cache. Without one, why the tests that need it cannot run (OFFLOAD_TEST_NO_LAMBDA_RUNTIME).
 */
export async function findRuntime(): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const named = process.env['OFFLOAD_TEST_LAMBDA_RUNTIME'];
  const folder = named ?? (await findLambdaRuntime({ node24: process.execPath }));
  if (folder === undefined) {
    const missing = process.env['OFFLOAD_TEST_NO_LAMBDA_RUNTIME'];
    return { missing: missing ?? 'the Lambda runtime client is not built; npm test builds it' };
  }
  if (existsSync(path.join(folder, 'index.mjs'))) return { folder };
  return { missing: `OFFLOAD_TEST_LAMBDA_RUNTIME is ${folder}, which has no index.mjs` };
}
