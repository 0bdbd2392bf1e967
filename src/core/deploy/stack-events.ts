import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { OffloadError } from '../../protocol/error.ts';
import { readStack, type StackState } from './stack.ts';
import type { Step } from './steps.ts';
import { pauses, until, type Work } from './work.ts';

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
  ResourceType === 'AWS::CloudFormation::Stack' &&
  /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(ResourceStatus ?? '') &&
  ResourceStatusReason === 'User Initiated';

/** Follows an operation on a stack to its end, and tells its events as lines. */
export async function followOperation(work: Work, step: Step, stackId: string): Promise<StackState> {
  const pause = pauses(work);
  const seen = new Set<string>();
  for (;;) {
    const stack = await readStack(work, stackId);
    if (stack === undefined)
      throw new OffloadError('deploy-failed', 'The stack was deleted while it was worked on.');
    const events = await eventsOfOperation(work, stackId);
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
  const first = events.find(({ ResourceStatus, ResourceType, ResourceStatusReason = '' }) => {
    const ofResource =
      ResourceType !== 'AWS::CloudFormation::Stack' && ResourceStatus?.endsWith('_FAILED') === true;
    return ofResource && !/^Resource creation cancelled|cancelled$/i.test(ResourceStatusReason);
  });
  const {
    LogicalResourceId = 'something',
    ResourceType = '',
    ResourceStatusReason = 'no reason was given',
  } = first ?? {};
  const verb = first?.ResourceStatus?.startsWith('DELETE') === true ? 'removed' : 'made';
  const reason = ResourceStatusReason.replace(/\.?$/, '.');
  const [, action, resource] =
    /not authorized to perform:? (\S+)(?: on resource:? (\S+))?/.exec(reason) ?? [];
  if (action !== undefined) {
    const of = resource === undefined ? '' : ` on ${resource}`;
    return new OffloadError(
      'no-permission',
      `${LogicalResourceId} (${ResourceType}) could not be ${verb}: these AWS credentials may not do ${action}${of}.`,
      {
        fix: 'Ask for the permissions that "offload policy deploy" prints.',
      },
    );
  }
  return new OffloadError(
    'deploy-failed',
    `${LogicalResourceId} (${ResourceType}) could not be ${verb}: ${reason}`,
  );
}
