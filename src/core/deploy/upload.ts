import { isAwsError } from '../aws/aws-error.ts';
import { zipOf, type BackendSource } from './source.ts';
import type { Step } from './steps.ts';
import { until, type Work } from './work.ts';

export const SOURCES = 'sources/';

export const sourceKey = (hash: string): string => `${SOURCES}${hash}.zip`;

/** Puts the backend's folder into the stack's bucket, unless it is there. */
export async function uploadSource(
  work: Work,
  step: Step,
  bucket: string,
  source: BackendSource,
): Promise<void> {
  const { HeadObjectCommand, PutObjectCommand } = await import('../aws/sdk/s3.ts');
  const client = await work.aws.s3();
  const place = { Bucket: bucket, Key: sourceKey(source.hash), ExpectedBucketOwner: work.account };
  try {
    await client.send(new HeadObjectCommand(place), until(work));
    step.skip('it is there already');
    return;
  } catch (error) {
    if (!isAwsError(error, 'NotFound', 'NoSuchKey')) throw error;
  }
  const zip = await zipOf(source.files);
  step.detail(`${(zip.length / 1024 ** 2).toFixed(1)} MB`);
  await client.send(
    new PutObjectCommand({ ...place, Body: zip, ContentType: 'application/zip' }),
    until(work),
  );
}
