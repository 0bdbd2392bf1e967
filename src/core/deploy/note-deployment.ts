import { architectureIn } from './architecture.ts';
import { readDeployments, writeDeployment, type Deployment } from './deployment.ts';
import type { BackendStatus } from './status.ts';

/**
 * Notes a backend that is there on this machine, which may not have deployed it: from then on runs can go there. What is
 * noted already, and still so, stays as it is.
 * @param state the state folder, see `localFolders`
 * @param profile that it was looked at with
 * @returns what was noted; undefined where nothing was, or where there is no backend that takes runs
 */
export async function noteDeployment(
  state: string,
  { account, region, stack, condition, outputs, parameters }: BackendStatus,
  profile: string | undefined,
): Promise<Deployment | undefined> {
  const { ControlFunction, RunnerFunction, ControlUrl, BackendHash } = outputs;
  if (condition !== 'ready' || ControlFunction === undefined || RunnerFunction === undefined)
    return undefined;
  if (ControlUrl === undefined || BackendHash === undefined) return undefined;
  const memory = Number(parameters['RunnerMemory']);
  const found = {
    ...{ stack, region, account },
    controlFunction: ControlFunction,
    runnerFunction: RunnerFunction,
    controlUrl: ControlUrl,
    backendHash: BackendHash,
    ...(Number.isInteger(memory) && memory > 0 ? { memory } : {}),
    architecture: architectureIn(parameters),
  };
  const known = (await readDeployments(state)).find(
    (each) => each.account === account && each.region === region && each.stack === stack,
  );
  const isNoted = Object.entries(found).every(([name, value]) => known?.[name as keyof Deployment] === value);
  if (isNoted) return undefined;
  const by = known?.profile ?? profile;
  const deployment = { ...found, ...(by === undefined ? {} : { profile: by }), deployedAt: Date.now() };
  await writeDeployment(state, deployment);
  return deployment;
}
