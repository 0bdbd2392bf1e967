import { readBackendSource } from '../deploy/source.ts';
import type { Deployment } from '../deploy/deployment.ts';

/**
 * Says that a deployed backend is of another build than the one that this Offload brings; undefined where they are the same.
 * @param backendFolder the bundled backend
 */
export async function otherBuild(
  { backendHash }: Pick<Deployment, 'backendHash'>,
  backendFolder: string,
): Promise<string | undefined> {
  const { hash } = await readBackendSource(backendFolder);
  if (hash === backendHash) return undefined;
  return 'The backend there is of another build than this Offload. Deploying it again brings it up to date.';
}
