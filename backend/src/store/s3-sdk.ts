// What is used of the AWS SDK, which is large: imported when it is needed.
export {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
export { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
export { getEndpointFromInstructions } from '@smithy/core/endpoints';
export { HttpRequest } from '@smithy/core/protocols';
