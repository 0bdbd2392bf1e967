import { OffloadError } from '../../../protocol/error.ts';
import { asAwsError, isAwsError, isWrongCode } from '../aws-error.ts';
import type { AwsClients } from '../clients.ts';
import { awsIdentity } from '../identity.ts';
import type { RoleArn } from './role-arn.ts';

/** Why AWS gives no session of a role, in words and with what to do. */
export async function assumeRefusal(
  error: unknown,
  aws: AwsClients,
  role: RoleArn,
  signal?: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  if (isOfLogin(error)) return asAwsError(error, aws);
  const { message } = error;
  const said = (code: 'no-permission' | 'bad-setting', what: string, fix: string): OffloadError =>
    new OffloadError(code, what, { fix, cause: error });
  if (/may not be assumed by root/i.test(message)) {
    return said(
      'no-permission',
      "The account's root user can take no role.",
      'Use a user or a login of IAM Identity Center, by a profile.',
    );
  }
  // A name may have the word in it.
  if (/MultiFactorAuthentication|\bMFA\b/i.test(message.replace(/arn:\S+/g, ''))) {
    return said(
      'no-permission',
      `The role ${role.arn} asks for a multi-factor device: ${message}`,
      'Use a profile whose login has it: one with mfa_serial in ~/.aws/config, or IAM Identity Center.',
    );
  }
  if (isAwsError(error, 'AccessDenied', 'AccessDeniedException')) {
    const caller = await awsIdentity(aws, signal).catch(() => undefined);
    return said(
      'no-permission',
      `AWS does not let ${caller?.arn ?? 'these credentials'} take the role ${role.arn}, or there is no such role.`,
      `The role's trust policy needs this statement${caller?.account === role.account ? '' : ', and yours must allow sts:AssumeRole on the role'}: ${JSON.stringify(trustStatement(caller?.arn ?? `arn:${role.partition}:iam::${role.account}:root`))} Where it has a condition for multi-factor authentication, use a login that has it.`,
    );
  }
  if (isAwsError(error, 'PackedPolicyTooLarge', 'PackedPolicyTooLargeException')) {
    return said(
      'bad-setting',
      'The policy is too large for a session, as AWS packs it.',
      'Name fewer actions and resources, or shorter ones.',
    );
  }
  if (isAwsError(error, 'MalformedPolicyDocument', 'MalformedPolicyDocumentException')) {
    return said('bad-setting', `AWS does not take the policy: ${message}`, 'Put the policy right.');
  }
  if (/MaxSessionDuration|role chaining/i.test(message)) {
    return said(
      'bad-setting',
      `The role ${role.arn} gives no session as long as the task: ${message}`,
      "Give the task less time, or raise the role's maximum session duration; a role that takes another one has an hour at most.",
    );
  }
  return asAwsError(error, aws);
}

/** Whether it is about the user's own credentials, without which no role was asked for, or a code that they typed. */
const isOfLogin = (error: Error): boolean =>
  isAwsError(error, 'CredentialsProviderError', 'TokenProviderError') || isWrongCode(error);

/** What a trust policy says to let somebody in. */
export function trustStatement(caller: string): object {
  const [, partition = '', account = '', role] =
    /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(caller) ?? [];
  const action = { Action: 'sts:AssumeRole' };
  if (role === undefined) return { Effect: 'Allow', Principal: { AWS: caller }, ...action };
  // The role's path is in no session's name, and a login of Identity Center gets a new role now and then.
  const name = role.startsWith('AWSReservedSSO_') ? role.replace(/_[0-9a-f]+$/, '_*') : role;
  return {
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    ...action,
    Condition: {
      ArnLike: {
        'aws:PrincipalArn': [
          `arn:${partition}:iam::${account}:role/${name}`,
          `arn:${partition}:iam::${account}:role/*/${name}`,
        ],
      },
    },
  };
}
