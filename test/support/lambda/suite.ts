import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { skip } from '../reporting/skip.ts';
import { lambdaClient } from './client.ts';
import { startLambdaEndpoint } from './endpoint.ts';
import { findRuntime } from './find-runtime.ts';
import type { EndpointOptions, LambdaEndpoint } from './types.ts';

/** What the tests of a suite share. */
export interface LambdaSuite {
  readonly endpoint: LambdaEndpoint;
  readonly client: LambdaClient;
  /** A folder for the files by which a test and a function wait for each other. */
  readonly folder: string;
}

/** The absolute path of a function of the tests' own. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/lambda/${name}.mjs`, import.meta.url));
}

/** Gives a suite an endpoint: started before its tests, gone after them. Without the runtime client they are skipped. */
export function withLambda(options: EndpointOptions): LambdaSuite {
  let suite: LambdaSuite | undefined;
  before(async function () {
    const runtime = await findRuntime();
    if ('missing' in runtime) skip(this, runtime.missing);
    const endpoint = await startLambdaEndpoint(options);
    suite = {
      endpoint,
      client: lambdaClient(endpoint),
      folder: mkdtempSync(path.join(tmpdir(), 'lambda-test-')),
    };
  });
  after(async () => {
    if (!suite) return;
    suite.client.destroy();
    await suite.endpoint.dispose();
    rmSync(suite.folder, { recursive: true });
  });
  const started = (): LambdaSuite => {
    if (!suite) throw new Error('the endpoint of this suite is not started');
    return suite;
  };
  return {
    get endpoint() {
      return started().endpoint;
    },
    get client() {
      return started().client;
    },
    get folder() {
      return started().folder;
    },
  };
}
