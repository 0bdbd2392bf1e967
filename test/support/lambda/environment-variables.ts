import path from 'node:path';
import type { FunctionSpec } from './types.ts';

/** What a function is called and where it is. */
export interface FunctionIdentity {
  readonly name: string;
  readonly region: string;
  readonly spec: FunctionSpec;
}

/** The credentials of a function's role, which are in its environment. */
export const roleCredentials = {
  accessKeyId: 'ASIAROLEEXAMPLE',
  secretAccessKey: 'role-secret-example',
  sessionToken: 'role-token-example',
};

/** The handler string: `<module>.<export>`, relative to the folder of the bundle. */
export function handlerOf(spec: FunctionSpec): string {
  return spec.handler ?? `${path.parse(spec.bundle).name}.handler`;
}

/**
 * The whole environment of a runtime process: what Lambda sets for a function from a container image, and what
 * the function is configured with. Nothing of the machine's own is in it. `_HANDLER` is blank, as Lambda leaves
 * it for images, and the role's credentials are there, as on AWS: user code must not get to see them.
 */
export function environmentVariables(
  { name, region, spec }: FunctionIdentity,
  runtimeApi: string,
  temporary: string,
): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...spec.env,
    // Lambda's /tmp belongs to one environment: this folder is what stands for it.
    TMPDIR: temporary,
    _HANDLER: '',
    LAMBDA_TASK_ROOT: path.dirname(spec.bundle),
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: roleCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: roleCredentials.secretAccessKey,
    AWS_SESSION_TOKEN: roleCredentials.sessionToken,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb ?? 128),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]00000000000000000000000000000000',
  };
}
