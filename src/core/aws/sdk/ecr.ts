// What is used of the AWS SDK, which is large: imported when it is needed.
export { BatchDeleteImageCommand, DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
