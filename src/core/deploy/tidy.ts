import type { ImageIdentifier } from '@aws-sdk/client-ecr';
import { SOURCES, sourceKey } from './upload.ts';
import type { Step } from './steps.ts';
import { until, type Work } from './work.ts';

/** What is younger stays: somebody else may be about to use it. Milliseconds. */
const GRACE = 60 * 60 * 1000;

export interface Leftovers {
  bucket: string;
  repository: string;
  /** What is in use. */
  hash: string;
  digest: string;
}

/** Removes sources and images of before. Nothing is written where there are none. */
export async function tidyUp(work: Work, step: Step, of: Leftovers): Promise<void> {
  const removed = (await removeSources(work, of)) + (await removeImages(work, of));
  if (removed === 0) step.skip('there is nothing');
  else step.detail(`${String(removed)} removed`);
}

const isOld = (time: Date | undefined): boolean => time !== undefined && time.getTime() < Date.now() - GRACE;

async function removeSources(work: Work, { bucket, hash }: Leftovers): Promise<number> {
  const { ListObjectsV2Command, DeleteObjectsCommand } = await import('../aws/sdk/s3.ts');
  const client = await work.aws.s3();
  const place = { Bucket: bucket, ExpectedBucketOwner: work.account };
  // One page: a deploy leaves one behind at most.
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ ...place, Prefix: SOURCES }),
    until(work),
  );
  const old = Contents.filter(({ Key, LastModified }) => Key !== sourceKey(hash) && isOld(LastModified));
  if (old.length === 0) return 0;
  const Objects = old.map(({ Key = '' }) => ({ Key }));
  await client.send(new DeleteObjectsCommand({ ...place, Delete: { Objects, Quiet: true } }), until(work));
  return old.length;
}

async function removeImages(work: Work, { repository, digest }: Leftovers): Promise<number> {
  const { DescribeImagesCommand, BatchDeleteImageCommand } = await import('../aws/sdk/ecr.ts');
  const client = await work.aws.ecr();
  const { imageDetails = [] } = await client.send(
    new DescribeImagesCommand({ repositoryName: repository }),
    until(work),
  );
  const imageIds: ImageIdentifier[] = imageDetails
    .filter((each) => each.imageDigest !== digest && isOld(each.imagePushedAt))
    .map(({ imageDigest }) => ({ imageDigest }));
  if (imageIds.length === 0) return 0;
  await client.send(new BatchDeleteImageCommand({ repositoryName: repository, imageIds }), until(work));
  return imageIds.length;
}
