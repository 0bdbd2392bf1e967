import * as client from '@aws-sdk/client-sts';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { queryWire } from './query.ts';
import type { Service } from './service.ts';

/** What a role's session has; made up. */
export const SESSION = {
  accessKeyId: 'ASIAMADEUPEXAMPLE',
  secretAccessKey: 'made-up-session-secret',
  sessionToken: 'made-up-session-token',
};

/** The code that the device for multi-factor authentication shows. */
export const MFA_CODE = '123456';

const session = () => ({
  Credentials: {
    AccessKeyId: SESSION.accessKeyId,
    SecretAccessKey: SESSION.secretAccessKey,
    SessionToken: SESSION.sessionToken,
    Expiration: new Date(Date.now() + 3600_000),
  },
});

/** AWS Security Token Service: who calls, and sessions of roles. */
export const sts = (account: Account): Service => ({
  name: 'sts',
  wire: queryWire(client, '2011-06-15'),
  operations: {
    GetCallerIdentity: () => ({ Account: account.id, Arn: account.user, UserId: 'AIDAMADEUP' }),
    AssumeRole: ({ SerialNumber, TokenCode }: client.AssumeRoleCommandInput) => {
      if (SerialNumber !== undefined && TokenCode !== MFA_CODE) {
        throw new AwsError(
          'AccessDenied',
          'MultiFactorAuthentication failed with invalid MFA one time pass code.',
          403,
        );
      }
      return session();
    },
    AssumeRoleWithWebIdentity: ({ WebIdentityToken }: client.AssumeRoleWithWebIdentityCommandInput) => {
      if (WebIdentityToken !== 'made-up-token')
        throw new AwsError('InvalidIdentityToken', 'the token is wrong');
      return session();
    },
  },
});
