// What is used of the AWS SDK, which is large: imported when it is needed.
export { fromNodeProviderChain } from '@aws-sdk/credential-providers';
