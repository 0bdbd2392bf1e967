import type { Stack } from '@aws-sdk/client-cloudformation';
import { OffloadError } from '../../protocol/error.ts';
import { isAwsError } from '../aws/aws-error.ts';
import type { Step } from './steps.ts';
import { pauses, until, type Work } from './work.ts';

/** The tag that our stacks have, with their own name. */
export const OWN_TAG = 'offload:stack';

/** A stack as it stands. */
export interface StackState {
  /** Its ARN, by which it is known also once it is deleted. */
  id: string;
  /** As CloudFormation has it, for example UPDATE_COMPLETE. */
  status: string;
  reason: string | undefined;
  /** Whether Offload made it, as its tag says. */
  ours: boolean;
  parameters: Record<string, string>;
  outputs: Record<string, string>;
  /** When it was made or last brought up to date, in milliseconds since 1970. */
  changedAt: number;
  /** When CloudFormation last found it changed by hand, in milliseconds since 1970; undefined where it did not. */
  drifted: number | undefined;
}

/** What can be done with a stack. */
export type Condition = 'fresh' | 'ready' | 'busy' | 'dead' | 'stuck';

/**
 * `fresh`: nothing was made yet. `ready`: can be changed. `busy`: an operation is under way. `dead`: its making failed, so
 * that it can only be removed. `stuck`: going back failed, which only its owner can resolve.
 */
export function conditionOf(stack: StackState | undefined): Condition {
  if (stack === undefined || /^(REVIEW_IN_PROGRESS|DELETE_COMPLETE)$/.test(stack.status)) return 'fresh';
  if (stack.status.endsWith('_IN_PROGRESS')) return 'busy';
  if (/^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/.test(stack.status)) return 'dead';
  return /^(UPDATE_ROLLBACK_FAILED|UPDATE_FAILED|IMPORT_ROLLBACK_FAILED)$/.test(stack.status)
    ? 'stuck'
    : 'ready';
}

/** The stack of a name, or one that is gone by its ARN; undefined where there is none. */
export async function readStack(
  { aws, signal }: Pick<Work, 'aws' | 'signal'>,
  nameOrId: string,
): Promise<StackState | undefined> {
  const { DescribeStacksCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await aws.cloudFormation();
  try {
    const { Stacks } = await client.send(
      new DescribeStacksCommand({ StackName: nameOrId }),
      until({ signal }),
    );
    const [stack] = Stacks ?? [];
    return stack === undefined ? undefined : stateOf(stack);
  } catch (error) {
    // CloudFormation has no code of its own for it.
    if (isAwsError(error, 'ValidationError') && error.message.includes('does not exist')) return undefined;
    throw error;
  }
}

function stateOf(stack: Stack): StackState {
  const { StackId = '', StackStatus, StackStatusReason, Parameters, Outputs, Tags, DriftInformation } = stack;
  const { CreationTime, LastUpdatedTime = CreationTime } = stack;
  return {
    id: StackId,
    status: StackStatus ?? '',
    reason: StackStatusReason,
    ours: Tags?.some(({ Key, Value }) => Key === OWN_TAG && Value === stack.StackName) === true,
    parameters: Object.fromEntries(
      (Parameters ?? []).map((each) => [each.ParameterKey ?? '', each.ParameterValue ?? '']),
    ),
    outputs: Object.fromEntries(
      (Outputs ?? []).map((each) => [each.OutputKey ?? '', each.OutputValue ?? '']),
    ),
    changedAt: LastUpdatedTime?.getTime() ?? 0,
    drifted:
      DriftInformation?.StackDriftStatus === 'DRIFTED'
        ? (DriftInformation.LastCheckTimestamp?.getTime() ?? 0)
        : undefined,
  };
}

/** The stack once no operation is under way on it: somebody else may be deploying, or this one went on after a stop. */
export async function settledStack(work: Work, step: Step): Promise<StackState | undefined> {
  const pause = pauses(work);
  for (;;) {
    const stack = await readStack(work, work.stack);
    if (stack === undefined || conditionOf(stack) !== 'busy') return stack;
    step.detail(`waits for an operation that is under way on the stack (${stack.status})`);
    await pause();
  }
}

/** @throws OffloadError `stack-blocked` for a stack of somebody else's: nothing is done to it */
export function assertOurs(name: string, stack: StackState | undefined): void {
  // One that was never made has no tags, and nothing in it.
  if (stack === undefined || stack.ours || stack.status === 'REVIEW_IN_PROGRESS') return;
  throw new OffloadError(
    'stack-blocked',
    `There is a stack ${JSON.stringify(name)} that Offload did not make.`,
    {
      fix: 'Use another name with --stack.',
    },
  );
}

/** @throws OffloadError `stack-blocked` for a stack that cannot be changed */
export function assertChangeable(name: string, stack: StackState | undefined): void {
  assertOurs(name, stack);
  const condition = conditionOf(stack);
  if (condition === 'dead') {
    throw new OffloadError(
      'stack-blocked',
      `The stack ${name} can only be removed: it ${deadWords(stack?.status)} (${String(stack?.status)}).`,
      {
        fix: 'Remove it with "offload destroy", or agree to its removal when you deploy.',
      },
    );
  }
  if (condition === 'stuck') throw stuckStack(name, stack?.status);
}

/** What became of a stack that can only be removed. */
export const deadWords = (status: string | undefined): string =>
  status === 'DELETE_FAILED'
    ? 'was not removed whole; what it still holds, runs too, goes with it'
    : 'was not made whole';

/** @throws OffloadError `superseded` for a stack of a newer Offload's */
export function assertNotNewer(
  name: string,
  stack: StackState | undefined,
  { templateVersion }: { templateVersion: number },
): void {
  if (!(Number(stack?.outputs['TemplateVersion']) > templateVersion)) return;
  throw new OffloadError('superseded', `The stack ${name} was deployed by a newer Offload.`, {
    fix: 'Update Offload, or deploy under another name with --stack.',
  });
}

/** Says what only the owner of a stack can do about it. */
export const stuckStack = (name: string, status: string | undefined): OffloadError =>
  new OffloadError(
    'stack-blocked',
    `The stack ${name} could not go back to what it was (${String(status)}).`,
    {
      fix: 'Choose "Continue update rollback" in the CloudFormation console, or remove it with "offload destroy".',
    },
  );
