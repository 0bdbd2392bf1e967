import { randomUUID } from 'node:crypto';
import { OffloadError } from '../../protocol/error.ts';
import { isAwsError } from '../aws/aws-error.ts';
import { stackFailure } from './failure-words.ts';
import { patiently } from './patience.ts';
import { firstFailure, followOperation } from './stack-events.ts';
import { assertChangeable, conditionOf, OWN_TAG, settledStack, type StackState } from './stack.ts';
import type { Step } from './steps.ts';
import { pauses, until, type Work } from './work.ts';

/** What a stack shall be: a template, and its parameters. Those that are not named stay as they are. */
export interface Wanted {
  template: string;
  parameters: Record<string, string>;
}

/** How often a change is tried anew when somebody else changed the stack in between. */
const MAX_TRIES = 5;

/** Parameters that a stack keeps when a change does not name them. */
export const PARAMETERS = [
  'BackendHash',
  'ImageDigest',
  'Architecture',
  'RunnerMemory',
  'RunnerTimeout',
  'RunnerStorage',
  'ControlMemory',
  'LogDays',
  'ExpireDays',
  'VpcSubnets',
  'VpcSecurityGroups',
  'RunNetwork',
  'BaseImage',
] as const;

/** Whether a stack has these parameters already. */
export const hasParameters = (stack: StackState | undefined, wanted: Record<string, string>): boolean =>
  stack !== undefined && Object.entries(wanted).every(([name, value]) => stack.parameters[name] === value);

/**
 * Makes or changes a stack by a change set, and follows it to its end. Nothing is written where nothing changes.
 * Stopped by its signal, CloudFormation goes on with what it began, which leaves the stack whole.
 * @throws OffloadError `deploy-failed` or `no-permission` with the first thing that went wrong, `stack-blocked`
 */
export async function changeStack(work: Work, step: Step, wanted: Wanted): Promise<StackState> {
  for (let tries = 1; ; tries++) {
    const before = await settledStack(work, step);
    assertChangeable(work.stack, before);
    try {
      const changed = await changeOnce(work, step, wanted, before);
      if (changed !== 'again') return changed;
    } catch (error) {
      if (!isInTheWay(error) || tries >= MAX_TRIES) throw error;
    }
    if (tries >= MAX_TRIES)
      throw new OffloadError('busy', 'Somebody else keeps changing the stack.', { fix: 'Try again later.' });
    step.detail('somebody else changed the stack; looks again');
  }
}

/** Another's operation began, or ended, between two calls of ours. */
const isInTheWay = (error: unknown): boolean =>
  isAwsError(
    error,
    'InvalidChangeSetStatus',
    'InvalidChangeSetStatusException',
    'ChangeSetNotFound',
    'ChangeSetNotFoundException',
    'AlreadyExistsException',
  ) ||
  // CloudFormation has no code of its own for these.
  (isAwsError(error, 'ValidationError') &&
    /_IN_PROGRESS state and can ?not be updated|already exists and cannot be created again/.test(
      error.message,
    ));

async function changeOnce(
  work: Work,
  step: Step,
  wanted: Wanted,
  before: StackState | undefined,
): Promise<StackState | 'again'> {
  const { CreateChangeSetCommand, ExecuteChangeSetCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await work.aws.cloudFormation();
  const fresh = conditionOf(before) === 'fresh';
  const kept = fresh
    ? []
    : PARAMETERS.filter((name) => before?.parameters[name] !== undefined && !(name in wanted.parameters));
  const name = `offload-${randomUUID()}`;
  const { Id = name, StackId = work.stack } = await client.send(
    new CreateChangeSetCommand({
      StackName: work.stack,
      ChangeSetName: name,
      ChangeSetType: fresh ? 'CREATE' : 'UPDATE',
      TemplateBody: wanted.template,
      Parameters: [
        ...Object.entries(wanted.parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        ...kept.map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true })),
      ],
      Capabilities: ['CAPABILITY_IAM'],
      Tags: [{ Key: OWN_TAG, Value: work.stack }],
      ClientToken: name,
      // What could not be made whole is worth nothing, and in the way of the next try.
      ...(fresh ? { OnStackFailure: 'DELETE' as const } : {}),
    }),
    until(work),
  );
  let executed = false;
  try {
    const changes = await readyChangeSet(work, step, Id);
    if (changes.length === 0) {
      step.detail('nothing changes');
      return before ?? 'again';
    }
    step.log(changes);
    work.signal.throwIfAborted();
    await client.send(
      new ExecuteChangeSetCommand({ ChangeSetName: Id, ClientRequestToken: name }),
      until(work),
    );
    executed = true;
  } finally {
    if (!executed) await dropChangeSet(work, Id);
  }
  const after = await followOperation(work, step, StackId);
  if (/^(CREATE|UPDATE)_COMPLETE$/.test(after.status)) return after;
  throw await firstFailure(work, StackId);
}

/** Waits until a change set is computed; gives its changes as lines, none where nothing changes. */
async function readyChangeSet(work: Work, step: Step, id: string): Promise<string[]> {
  const { DescribeChangeSetCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await work.aws.cloudFormation();
  const pause = pauses(work);
  const ask = patiently(work, step);
  for (;;) {
    const command = new DescribeChangeSetCommand({ ChangeSetName: id });
    const { Status, StatusReason = '', Changes } = await ask(() => client.send(command, until(work)));
    if (Status === 'CREATE_COMPLETE') {
      return (Changes ?? []).map(
        ({ ResourceChange: change }) => `${change?.Action ?? ''} ${change?.LogicalResourceId ?? ''}`,
      );
    }
    if (Status === 'FAILED') {
      if (/didn't contain changes|No updates are to be performed/.test(StatusReason)) return [];
      const reason = (await refusedResources(work, id)) ?? StatusReason;
      throw stackFailure('CloudFormation cannot make the change', reason);
    }
    await pause();
  }
}

/**
 * What of a change CloudFormation refuses before it begins: the reason of a change set names only the check that failed.
 * Undefined where it does not say.
 */
async function refusedResources(work: Work, id: string): Promise<string | undefined> {
  const { DescribeEventsCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await work.aws.cloudFormation();
  const command = new DescribeEventsCommand({ ChangeSetName: id, Filters: { FailedEvents: true } });
  // The reason that there is says more than why there is no better one.
  const { OperationEvents = [] } = await client
    .send(command, until(work))
    .catch(() => ({ OperationEvents: undefined }));
  work.signal.throwIfAborted();
  const lines = OperationEvents.flatMap((event) => {
    const reason = event.ValidationStatusReason ?? event.ResourceStatusReason;
    if (reason === undefined || event.LogicalResourceId === undefined) return [];
    return [`${event.LogicalResourceId} (${event.ResourceType ?? ''}): ${reason.replace(/\.?\s*$/, '')}`];
  });
  return lines.length === 0 ? undefined : [...new Set(lines)].join('; ');
}

/** Takes back what was not carried out, also when the work was stopped. That it is left behind would do no harm. */
async function dropChangeSet({ aws }: Work, id: string): Promise<void> {
  const { DeleteChangeSetCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await aws.cloudFormation();
  await client.send(new DeleteChangeSetCommand({ ChangeSetName: id })).catch(() => undefined);
}
