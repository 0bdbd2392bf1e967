import { architectureIn } from './architecture.ts';
import type { Deployment } from './deployment.ts';
import type { BackendStatus } from './status.ts';

/** What a stack itself says of the backend that it is. */
export type FoundDeployment = Omit<Deployment, 'profile' | 'closedBy' | 'deployedAt'>;

/** The backend that a stack is; undefined where it has none that takes runs. */
export function foundIn({
  account,
  region,
  stack,
  outputs,
  parameters,
}: Pick<BackendStatus, 'account' | 'region' | 'stack' | 'outputs' | 'parameters'>):
  FoundDeployment | undefined {
  const { ControlFunction, RunnerFunction, ControlUrl, BackendHash } = outputs;
  if (ControlFunction === undefined || RunnerFunction === undefined) return undefined;
  if (ControlUrl === undefined || BackendHash === undefined) return undefined;
  const memory = Number(parameters['RunnerMemory']);
  return {
    ...{ stack, region, account },
    controlFunction: ControlFunction,
    runnerFunction: RunnerFunction,
    controlUrl: ControlUrl,
    backendHash: BackendHash,
    ...(Number.isInteger(memory) && memory > 0 ? { memory } : {}),
    architecture: architectureIn(parameters),
  };
}
