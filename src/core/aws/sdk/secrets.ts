// What is used of the AWS SDK, which is large: imported when it is needed.
export {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
