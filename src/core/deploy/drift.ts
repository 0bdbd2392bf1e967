import { asAwsError, isAwsError } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { OffloadError } from '../../protocol/error.ts';
import { DEFAULT_PACE, pauses, until, type Pace } from './work.ts';

/** A resource that is no longer as the stack made it. */
export interface Drift {
  /** Its name in the template. */
  resource: string;
  state: 'changed' | 'deleted';
  /** The properties that differ, for one that was changed. */
  properties: string[];
}

export interface DriftReport {
  drifts: Drift[];
  /** Why not all could be compared: the credentials may not read some of them. Undefined where all were. */
  incomplete: string | undefined;
}

export interface DriftInput {
  aws: AwsClients;
  stack: string;
  signal?: AbortSignal;
  pace?: Pace;
}

/**
 * Has CloudFormation compare what is there with what the stack made, which takes up to some minutes. Nothing is changed.
 * @throws OffloadError in words for what AWS refuses
 */
export async function findDrift(input: DriftInput): Promise<DriftReport> {
  const { aws, stack, signal = new AbortController().signal, pace = DEFAULT_PACE } = input;
  try {
    return await compare(aws, stack, signal, pace);
  } catch (error) {
    signal.throwIfAborted();
    if (isAwsError(error, 'ValidationError') && error.message.includes('does not exist')) {
      throw new OffloadError('no-backend', `There is no stack ${stack}.`, {
        fix: 'Deploy it with "offload deploy", or name another one with --stack.',
        cause: error,
      });
    }
    throw asAwsError(error, aws);
  }
}

async function compare(
  aws: AwsClients,
  stack: string,
  signal: AbortSignal,
  pace: Pace,
): Promise<DriftReport> {
  const sdk = await import('../aws/sdk/cloudformation.ts');
  const client = await aws.cloudFormation();
  const { StackDriftDetectionId } = await client.send(
    new sdk.DetectStackDriftCommand({ StackName: stack }),
    until({ signal }),
  );
  const pause = pauses({ pace, signal });
  let incomplete: string | undefined;
  for (;;) {
    const { DetectionStatus, DetectionStatusReason } = await client.send(
      new sdk.DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }),
      until({ signal }),
    );
    if (DetectionStatus === 'DETECTION_FAILED') incomplete = DetectionStatusReason ?? 'no reason was given';
    if (DetectionStatus !== 'DETECTION_IN_PROGRESS') break;
    await pause();
  }
  const { StackResourceDrifts = [] } = await client.send(
    new sdk.DescribeStackResourceDriftsCommand({
      StackName: stack,
      StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
    }),
    until({ signal }),
  );
  const drifts = StackResourceDrifts.map(
    ({ LogicalResourceId = '', StackResourceDriftStatus, PropertyDifferences = [] }): Drift => ({
      resource: LogicalResourceId,
      state: StackResourceDriftStatus === 'DELETED' ? 'deleted' : 'changed',
      properties: PropertyDifferences.map(({ PropertyPath = '' }) => PropertyPath),
    }),
  );
  return { drifts, incomplete };
}
