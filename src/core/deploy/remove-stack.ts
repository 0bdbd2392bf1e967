import type { _Error as S3Error } from '@aws-sdk/client-s3';
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
    // From the beginning each time: what was listed is gone, or is tried once more.
    const { Versions = [], DeleteMarkers = [] } = await client
      .send(new ListObjectVersionsCommand(place), until(work))
      .catch(ignoreGone);
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    const command = new DeleteObjectsCommand({ ...place, Delete: { Objects, Quiet: true } });
    const { Errors = [] } = await client.send(command, until(work)).catch(ignoreGone);
    const refused = Errors.find(({ Code }) => Code === 'AccessDenied') ?? Errors[0];
    if (refused !== undefined && (refused.Code === 'AccessDenied' || Errors.length >= Objects.length))
      throw notRemoved(refused);
    removed += Objects.length - Errors.length;
    step.detail(`${String(removed)} removed`);
  }
  if (removed === 0) step.skip('it is empty');
}

function notRemoved({ Key = '', Code = '', Message = Code }: S3Error): OffloadError {
  const denied = Code === 'AccessDenied';
  return new OffloadError(
    denied ? 'no-permission' : 'deploy-failed',
    `${Key} could not be removed from the bucket: ${Message}`,
    {
      fix: denied
        ? 'Ask for the permissions that "offload policy deploy" prints; a policy or a lock of the bucket may refuse it too.'
        : 'Try again in a minute; what was removed is gone.',
    },
  );
}

function ignoreGone(error: unknown): { Versions?: []; DeleteMarkers?: []; Errors?: [] } {
  if (isAwsError(error, 'NoSuchBucket')) return {};
  throw error;
}
