import { asAwsError, forUse } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { awsIdentity } from '../aws/identity.ts';
import { otherBuild } from './build-notice.ts';
import type { Deployment } from './deployment.ts';
import type { BackendSource } from './source.ts';
import { readStack } from './stack.ts';
import { versionOf } from './status.ts';

/** How a backend that this machine knows stands when Offload starts. */
export interface StartFinding {
  /**
   * `same` and `other`: the build that this Offload brings, and another one. `newer`: made by a newer Offload. `gone`: there
   * is no such backend any more. `unknown`: the credentials are those of another account now.
   */
  version: 'same' | 'other' | 'newer' | 'gone' | 'unknown';
  /**
   * When CloudFormation found that it is no longer as it was deployed, in milliseconds since 1970; undefined where it is, as
   * of the last comparison, or where none was made.
   */
  changedByHand: number | undefined;
}

export interface StartInput {
  aws: AwsClients;
  deployment: Pick<Deployment, 'stack' | 'account'>;
  source: Pick<BackendSource, 'hash' | 'templateVersion'>;
  signal?: AbortSignal;
}

/**
 * Looks how a backend stands, by one call that the policy "use" allows: nothing is compared anew, and nothing written.
 * @throws OffloadError in words for what AWS refuses; the signal's reason
 */
export async function checkAtStart({
  aws,
  deployment: { stack, account },
  source,
  signal = new AbortController().signal,
}: StartInput): Promise<StartFinding> {
  try {
    const there = await readStack({ aws, signal }, stack);
    const owner = there?.id.split(':')[4] ?? (await awsIdentity(aws, signal)).account;
    if (owner !== account) return { version: 'unknown', changedByHand: undefined };
    const version = versionOf(there?.outputs ?? {}, source);
    if (version === 'none') return { version: 'gone', changedByHand: undefined };
    return { version, changedByHand: there?.drifted };
  } catch (error) {
    signal.throwIfAborted();
    throw asAwsError(error, forUse(aws));
  }
}

/** What to tell of it, in one line; undefined where there is nothing to tell. */
export function startNotice(
  deployment: Pick<Deployment, 'stack' | 'region'>,
  { version, changedByHand }: StartFinding,
): string | undefined {
  const { stack, region } = deployment;
  const backend = `The backend ${stack} in ${region}`;
  if (version === 'gone') return `${backend} is no longer there.`;
  if (version === 'newer') return `${backend} was deployed by a newer Offload than this one.`;
  if (version === 'other') return otherBuild(deployment);
  if (changedByHand === undefined) return undefined;
  const day = new Date(changedByHand).toISOString().slice(0, 10);
  return `${backend} is no longer as it was deployed, as CloudFormation found on ${day}: see "offload status --drift".`;
}
