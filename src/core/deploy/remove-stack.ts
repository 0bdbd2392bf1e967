import { OffloadError } from '../../protocol/error.ts';
import { isAwsError } from '../aws/aws-error.ts';
import { firstFailure, followOperation } from './stack-events.ts';
import type { StackState } from './stack.ts';
import type { Step } from './steps.ts';
import { until, type Work } from './work.ts';

/** A run that goes on may write to the bucket after it was emptied. */
const MAX_TRIES = 3;

/** Removes a stack with all that it holds, the bucket's contents too. Nothing where there is none. */
export async function removeStack(work: Work, step: Step, stack: StackState | undefined): Promise<void> {
  if (stack === undefined) return;
  const { DeleteStackCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await work.aws.cloudFormation();
  const bucket = stack.outputs['Bucket'];
  for (let tries = 1; ; tries++) {
    if (bucket !== undefined) {
      await step.part('empty', 'Empty the bucket', (part) => emptyBucket(work, part, bucket));
    }
    await client.send(new DeleteStackCommand({ StackName: stack.id }), until(work));
    const after = await followOperation(work, step, stack.id);
    if (after.status === 'DELETE_COMPLETE') return;
    const failure = await firstFailure(work, stack.id);
    if (tries >= MAX_TRIES || failure.code === 'no-permission' || !/not empty/i.test(failure.message))
      throw failure;
    step.detail('the bucket was written to meanwhile; empties it again');
  }
}

/** Removes every version of every object. */
async function emptyBucket(work: Work, step: Step, bucket: string): Promise<void> {
  const { ListObjectVersionsCommand, DeleteObjectsCommand } = await import('../aws/sdk/s3.ts');
  const client = await work.aws.s3();
  const place = { Bucket: bucket, ExpectedBucketOwner: work.account };
  let removed = 0;
  for (;;) {
    // From the beginning each time: what was listed is gone.
    const { Versions = [], DeleteMarkers = [] } = await client
      .send(new ListObjectVersionsCommand(place), until(work))
      .catch(ignoreGone);
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ ...place, Delete: { Objects, Quiet: true } }),
      until(work),
    );
    const [error] = Errors;
    if (error !== undefined) {
      throw new OffloadError(
        'deploy-failed',
        `${error.Key ?? ''} could not be removed from the bucket: ${error.Message ?? error.Code ?? ''}`,
      );
    }
    removed += Objects.length;
    step.detail(`${String(removed)} removed`);
  }
  if (removed === 0) step.skip('it is empty');
}

function ignoreGone(error: unknown): { Versions?: []; DeleteMarkers?: [] } {
  if (isAwsError(error, 'NoSuchBucket')) return {};
  throw error;
}
