import { knownDeployment, writeDeployment, type Deployment } from './deployment.ts';
import { foundIn } from './found-deployment.ts';
import type { BackendStatus } from './status.ts';

/**
 * Notes a backend that is there on this machine, which may not have deployed it: from then on runs can go there. What is
 * noted already, and still so, stays as it is. The time of it is the stack's own: to look at a backend makes it no later.
 * @param state the state folder, see `localFolders`
 * @param profile that it was looked at with
 * @returns what was noted; undefined where nothing was, or where there is no backend that takes runs
 * @throws OffloadError `deploy-failed` where it cannot be noted
 */
export async function noteDeployment(
  state: string,
  status: BackendStatus,
  profile: string | undefined,
): Promise<Deployment | undefined> {
  const found = status.condition === 'ready' ? foundIn(status) : undefined;
  if (found === undefined) return undefined;
  const known = await knownDeployment(state, found);
  const isNoted = Object.entries(found).every(([name, value]) => known?.[name as keyof Deployment] === value);
  if (isNoted) return undefined;
  const by = known?.profile ?? profile;
  const deployment = { ...found, ...(by === undefined ? {} : { profile: by }), deployedAt: status.changedAt };
  await writeDeployment(state, deployment);
  return deployment;
}
