import type { Deployment } from './deployment.ts';
import { readBackendSource } from './source.ts';

/** The hash of the backend that this Offload brings; undefined where its folder is not whole. Reads files, calls nobody. */
export const ownBackendHash = (backendFolder: string): Promise<string | undefined> =>
  readBackendSource(backendFolder).then(
    ({ hash }) => hash,
    () => undefined,
  );

/** Says of a backend that it is not the one that this Offload brings. */
export const otherBuild = ({ stack, region }: Pick<Deployment, 'stack' | 'region'>): string =>
  `The backend ${stack} in ${region} is of another build than this Offload.`;

/**
 * What to tell whoever uses a backend that is of another build than the one that this Offload brings, by what this machine
 * noted when it deployed: no network. Undefined where it is the same one, or where there is none to compare with.
 * @param own the hash of this Offload's own backend, see {@link ownBackendHash}
 */
export function buildNotice(
  deployment: Pick<Deployment, 'stack' | 'region' | 'backendHash'>,
  own: string | undefined,
): string | undefined {
  return own === undefined || own === deployment.backendHash ? undefined : otherBuild(deployment);
}
