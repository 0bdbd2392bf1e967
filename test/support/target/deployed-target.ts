import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartRuntime } from '../../../src/core/lambda-local/runtime-process.ts';
import { deployedSandbox } from '../../../src/core/lambda/lambda-sandbox.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { startLambdaEndpoint } from '../lambda/endpoint.ts';
import { roleCredentials } from '../lambda/environment-variables.ts';
import { findEnvironments } from '../lambda/environments.ts';
import type { EndpointOptions, FunctionSpec, LambdaEndpoint } from '../lambda/types.ts';
import { skip } from '../reporting/skip.ts';
import { startS3Server, type S3Server } from '../store/s3-server.ts';
import { startSecretsServer, type SecretsServer } from '../store/secrets-server.ts';
import { dist } from './local-target.ts';
import type { Target } from './target.ts';

/**
 * The built backend as it is deployed: control and runner in AWS's runtime client behind the tests' own endpoint, each with
 * the credentials of a role; control with a bucket and a secret.
 */
export interface DeployedTestTarget extends Target {
  endpoint: LambdaEndpoint;
  s3: S3Server;
  secrets: SecretsServer;
  control: string;
  runner: string;
  /** One more client, of another workspace where a tenant is named. */
  client(tenant?: string): Sandbox;
}

export interface DeployedTargetOptions {
  runnerSeconds?: number;
  runnerMb?: number;
  controlSeconds?: number;
  concurrency?: number;
  leaseSeconds?: number;
  throttle?: EndpointOptions['throttle'];
  clockAhead?: number;
  /** Added to the secret. */
  secret?: Record<string, string>;
  runnerEnv?: Record<string, string>;
  controlEnv?: Record<string, string>;
  /** How environments of the runner are started; with the port that its store is at. */
  runnerStarted?: (start: StartRuntime, storePort: number) => StartRuntime;
  maxAttempts?: number;
  /** Told of each invocation that nobody waits for. */
  onEvent?: EndpointOptions['onEvent'];
  /** Another bucket than the tests' own. */
  bucket?: Pick<S3Server, 'endpoint' | 'bucket' | 'owner'>;
  /** The stack that the functions are named by. */
  stack?: string;
  /** More functions at the same endpoint. */
  beside?: Record<string, FunctionSpec>;
}

/** What tokens are signed with: made up, like everything here. */
export const SIGNING = 'made-up-signing-key-0123456789abcdef0123456789abcdef';

export async function deployedTarget(
  context: Mocha.Context,
  options: DeployedTargetOptions = {},
): Promise<DeployedTestTarget> {
  const environments = await findEnvironments();
  if ('missing' in environments) skip(context, environments.missing);
  return startDeployed(options);
}

/** @throws where the runtime client is not there */
export async function startDeployed(options: DeployedTargetOptions = {}): Promise<DeployedTestTarget> {
  const { stack = 'offload' } = options;
  const [control, runner] = [`${stack}-control`, `${stack}-runner`];
  const { runnerSeconds = 60, controlSeconds = 60, concurrency = 10, runnerStarted } = options;
  // Enough for a run with the usual limit.
  const { runnerMb = 3072 } = options;
  const s3 = await startS3Server({ credentials: roleCredentials });
  const secrets = await startSecretsServer({ signing: SIGNING, ...options.secret });
  const bucket = options.bucket ?? s3;
  // The same path in each environment, as Lambda has it, and short, for sockets.
  const folder = await mkdtemp(join(tmpdir(), 'of-'));
  const PATH = process.env['PATH'] ?? '';
  const endpoint = await startLambdaEndpoint({
    functions: {
      [control]: {
        bundle: join(dist, 'backend', 'control.mjs'),
        timeoutSeconds: controlSeconds,
        memoryMb: 512,
        concurrency: 50,
        url: true,
        env: {
          PATH,
          OFFLOAD_BUCKET: bucket.bucket,
          OFFLOAD_BUCKET_OWNER: bucket.owner,
          OFFLOAD_SECRET_ARN: secrets.arn,
          OFFLOAD_BUILD: 'made-up-build',
          OFFLOAD_RUNNER: runner,
          OFFLOAD_RUNNER_TIMEOUT: String(runnerSeconds),
          OFFLOAD_RUNNER_MEMORY: String(runnerMb),
          OFFLOAD_LEASE_SECONDS: String(options.leaseSeconds ?? 20),
          AWS_ENDPOINT_URL_S3: bucket.endpoint,
          AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
          ...options.controlEnv,
        },
      },
      [runner]: {
        bundle: join(dist, 'backend', 'runner.mjs'),
        timeoutSeconds: runnerSeconds,
        memoryMb: runnerMb,
        concurrency,
        tenancy: true,
        byRole: true,
        ...(runnerStarted && {
          started: (start) => runnerStarted(start, Number(new URL(bucket.endpoint).port)),
        }),
        env: { PATH, OFFLOAD_BUILD: 'made-up-build', OFFLOAD_FOLDER: folder, ...options.runnerEnv },
      },
      ...options.beside,
    },
    throttle: options.throttle ?? false,
    clockAhead: options.clockAhead ?? 0,
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
  });
  const clients: Sandbox[] = [];
  const client = (tenant = 'workspace'): Sandbox => {
    const { credentials, region } = endpoint;
    const sandbox = deployedSandbox({
      controlFunction: control,
      runnerFunction: runner,
      tenant: createHash('sha256').update(tenant).digest('hex').slice(0, 32),
      region,
      endpoint: endpoint.endpoint,
      credentials,
      maxAttempts: options.maxAttempts ?? 1,
    });
    clients.push(sandbox);
    return sandbox;
  };
  const dispose = async (): Promise<void> => {
    for (const each of clients) each.dispose();
    await endpoint.dispose();
    await Promise.all([s3.dispose(), secrets.dispose(), rm(folder, { recursive: true, force: true })]);
  };
  const sandbox = client();
  try {
    const { capabilities } = await sandbox.environment();
    return { sandbox, capabilities, endpoint, s3, secrets, control, runner, client, dispose };
  } catch (error) {
    console.error(endpoint.logs(control));
    await dispose();
    throw error;
  }
}
