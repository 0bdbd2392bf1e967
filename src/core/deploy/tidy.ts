import type { ImageIdentifier } from '@aws-sdk/client-ecr';
import { asOffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import { conditionOf, readStack } from './stack.ts';
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

/**
 * Removes sources and images of before. Nothing is written where there are none. What cannot be removed is told and stays:
 * the backend works without.
 * @throws the signal's reason
 */
export async function tidyUp(work: Work, step: Step, of: Leftovers): Promise<void> {
  let removed = 0;
  for (const remove of [removeSources, removeImages]) {
    try {
      removed += await remove(work, step, of);
    } catch (error) {
      work.signal.throwIfAborted();
      step.log([`Something of before stays: ${asOffloadError(asAwsError(error, work.aws)).message}`]);
    }
  }
  if (removed === 0) step.skip('nothing was removed');
  else step.detail(`${String(removed)} removed`);
}

const isOld = (time: Date | undefined): boolean => time !== undefined && time.getTime() < Date.now() - GRACE;

async function removeSources(work: Work, step: Step, { bucket, hash }: Leftovers): Promise<number> {
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
  const command = new DeleteObjectsCommand({ ...place, Delete: { Objects, Quiet: true } });
  const { Errors = [] } = await client.send(command, until(work));
  step.log(Errors.map(({ Key = '', Code = '', Message = Code }) => `${Key} stays: ${Message}`));
  return old.length - Errors.length;
}

async function removeImages(work: Work, step: Step, { repository, digest }: Leftovers): Promise<number> {
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
  // Somebody else may have deployed another image since, old as it may be, or be about to.
  const stack = await readStack(work, work.stack);
  if (conditionOf(stack) !== 'ready' || stack?.parameters['ImageDigest'] !== digest) {
    step.log(['The images of before stay: somebody else changes the stack.']);
    return 0;
  }
  const command = new BatchDeleteImageCommand({ repositoryName: repository, imageIds });
  const { failures = [] } = await client.send(command, until(work));
  step.log(
    failures.map(
      ({ imageId, failureReason = '' }) => `${imageId?.imageDigest ?? 'an image'} stays: ${failureReason}`,
    ),
  );
  return imageIds.length - failures.length;
}
