import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { OffloadError } from '../../protocol/error.ts';
import { stackFailure } from './failure-words.ts';
import { patiently } from './patience.ts';
import { readStack, type StackState } from './stack.ts';
import type { Step } from './steps.ts';
import { pauses, until, type Work } from './work.ts';

const STACK = 'AWS::CloudFormation::Stack';

/** Pages of events that are looked through for the beginning of an operation. */
const MAX_PAGES = 20;

/** The events of the operation that began last, the first one first. */
async function eventsOfOperation({ aws, signal }: Work, stackId: string): Promise<StackEvent[]> {
  const { DescribeStackEventsCommand } = await import('../aws/sdk/cloudformation.ts');
  const client = await aws.cloudFormation();
  const events: StackEvent[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await client.send(
      new DescribeStackEventsCommand({
        StackName: stackId,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
      until({ signal }),
    );
    for (const event of answer.StackEvents ?? []) {
      events.push(event);
      if (isBeginning(event)) return events.reverse();
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return events.reverse();
}

const isBeginning = ({ ResourceType, ResourceStatus, ResourceStatusReason }: StackEvent): boolean =>
  ResourceType === STACK &&
  /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(ResourceStatus ?? '') &&
  ResourceStatusReason === 'User Initiated';

/** Follows an operation on a stack to its end, and tells its events as lines. */
export async function followOperation(work: Work, step: Step, stackId: string): Promise<StackState> {
  const pause = pauses(work);
  const ask = patiently(work, step);
  const seen = new Set<string>();
  for (;;) {
    const stack = await ask(() => readStack(work, stackId));
    if (stack === undefined) {
      throw new OffloadError('deploy-failed', 'The stack was deleted while it was worked on.', {
        fix: 'Deploy again, which makes it anew.',
      });
    }
    const events = await ask(() => eventsOfOperation(work, stackId));
    step.log(events.filter(({ EventId = '' }) => !seen.has(EventId)).map(lineOf));
    for (const { EventId = '' } of events) seen.add(EventId);
    if (!stack.status.endsWith('_IN_PROGRESS')) return stack;
    await pause();
  }
}

const lineOf = ({ LogicalResourceId, ResourceStatus, ResourceStatusReason }: StackEvent): string =>
  `${LogicalResourceId ?? ''} ${ResourceStatus ?? ''}${ResourceStatusReason === undefined ? '' : `: ${ResourceStatusReason}`}`;

/** The first thing that went wrong in the operation that ended last: what follows is CloudFormation's cleaning up. */
export async function firstFailure(work: Work, stackId: string): Promise<OffloadError> {
  const events = await eventsOfOperation(work, stackId);
  const first = events.find(
    ({ ResourceStatus, ResourceType, ResourceStatusReason = '' }) =>
      ResourceType !== STACK &&
      ResourceStatus?.endsWith('_FAILED') === true &&
      !/^Resource creation cancelled|cancelled$/i.test(ResourceStatusReason),
  );
  if (first !== undefined) {
    const { LogicalResourceId = '', ResourceType = '', ResourceStatus, ResourceStatusReason } = first;
    const verb = VERBS[ResourceStatus?.split('_')[0] ?? ''] ?? 'made';
    const what = `${LogicalResourceId} (${ResourceType}) could not be ${verb}`;
    return stackFailure(what, ResourceStatusReason ?? 'no reason was given');
  }
  const ofStack = events.find(
    ({ ResourceType, ResourceStatus = '', ResourceStatusReason }) =>
      ResourceType === STACK && /FAILED|ROLLBACK/.test(ResourceStatus) && ResourceStatusReason !== undefined,
  );
  const { status = 'gone', reason = `it is ${status}` } = (await readStack(work, stackId)) ?? {};
  return stackFailure(
    `CloudFormation could not bring the stack ${work.stack} to its end`,
    ofStack?.ResourceStatusReason ?? reason,
  );
}

const VERBS: Readonly<Record<string, string>> = { CREATE: 'made', UPDATE: 'changed', DELETE: 'removed' };
