import type { SessionCredentials } from '../../../protocol/credentials.ts';
import { OffloadError } from '../../../protocol/error.ts';
import type { AwsClients } from '../clients.ts';
import type { RoleGrant } from './grant.ts';
import { assumeRefusal } from './refusals.ts';

/** Seconds that a session has: AWS's least, and the most that every role gives, also one that is reached by another. */
export const SESSION_SECONDS = { min: 900, max: 3600 } as const;

/** Seconds that a session outlives the time of its task: what comes before it and after it takes some. */
const SPARE_SECONDS = 300;

/**
 * Asks AWS for a session of a role, by the user's own identity, narrowed to what was agreed to.
 * @param task the run's id, which stands in the account's own trail of what was done, and the seconds that it may take
 * @throws OffloadError in words what AWS refuses it for
 */
export async function assumeForTask(
  aws: AwsClients,
  { role, policy, region }: RoleGrant,
  task: { runId: string; seconds: number },
  signal?: AbortSignal,
): Promise<SessionCredentials> {
  const { AssumeRoleCommand } = await import('../sdk/sts.ts');
  const wanted = Math.ceil(task.seconds) + SPARE_SECONDS;
  const command = new AssumeRoleCommand({
    RoleArn: role.arn,
    RoleSessionName: `offload-${task.runId}`,
    DurationSeconds: Math.min(Math.max(wanted, SESSION_SECONDS.min), SESSION_SECONDS.max),
    Policy: JSON.stringify(policy),
  });
  let given;
  try {
    const client = await aws.sts();
    given = (await client.send(command, signal === undefined ? {} : { abortSignal: signal })).Credentials;
  } catch (error) {
    throw await assumeRefusal(error, aws, role, signal);
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || Expiration === undefined) {
    throw new OffloadError('aws-unreachable', 'AWS has answered without credentials for the role.', {
      fix: 'Try again.',
    });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    region,
    expires: Expiration.getTime(),
  };
}
