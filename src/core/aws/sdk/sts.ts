// What is used of the AWS SDK, which is large: imported when it is needed.
export { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
