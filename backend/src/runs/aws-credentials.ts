import type { SessionCredentials } from '../../../src/protocol/credentials.ts';

/** The variables that AWS's tools and libraries find credentials by; none where a run has none. */
export function awsEnvironment(credentials: SessionCredentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Older libraries go to the one address of all regions, which is not let through.
    AWS_STS_REGIONAL_ENDPOINTS: 'regional',
    // What they would look for besides is not there, or not the run's.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** What must not be said of them. */
export const awsSecrets = (credentials: SessionCredentials | undefined): string[] =>
  credentials === undefined
    ? []
    : [credentials.accessKeyId, credentials.secretAccessKey, credentials.sessionToken];
