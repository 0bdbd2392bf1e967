// What is used of the AWS SDK, which is large: imported when it is needed.
export { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
