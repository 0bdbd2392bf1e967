import { randomUUID } from 'node:crypto';
import * as client from '@aws-sdk/client-cloudformation';
import type { Account } from '../account.ts';
import { AwsError, validationError } from '../aws-error.ts';
import type { Parts } from '../parts.ts';
import { queryWire } from '../query.ts';
import type { Service } from '../service.ts';
import { parameterValues } from './parameters.ts';
import { Stack, type Wanted } from './stack.ts';
import { parseTemplate } from './template.ts';

interface ChangeSet {
  id: string;
  name: string;
  stack: Stack;
  create: boolean;
  wanted: Wanted;
  onFailure: string;
  tags: client.Tag[];
  status: string;
  execution: string;
  reason: string | undefined;
}

/** AWS CloudFormation with stacks by change set. */
export class CloudFormation implements Service {
  readonly name = 'cloudformation';
  readonly wire = queryWire(client, '2010-05-15');
  /** How many resources an operation goes on by at each look. */
  pace = 4;
  /** Those that are there, and those that are gone. */
  readonly stacks: Stack[] = [];
  /** What it refuses of a change before it begins. */
  refusals: Pick<
    client.OperationEvent,
    'LogicalResourceId' | 'ResourceType' | 'ValidationName' | 'ValidationStatusReason'
  >[] = [];
  /** Why a comparison of resources is not whole. */
  detectionFailure: { status: 'DETECTION_FAILED'; reason: string } | undefined;
  readonly #detections = new Map<string, number>();
  /** What the last comparison of a stack found. */
  readonly #compared = new Map<string, client.StackDriftInformation>();
  readonly #changeSets: ChangeSet[] = [];
  readonly #account: Account;
  readonly #aws: Parts;

  constructor(account: Account, aws: Parts) {
    this.#account = account;
    this.#aws = aws;
  }

  /** The stack of a name that is there. */
  stack(name: string): Stack | undefined {
    return this.stacks.find((each) => each.name === name && each.status !== 'DELETE_COMPLETE');
  }

  readonly operations = {
    DescribeStacks: ({ StackName = '' }: client.DescribeStacksCommandInput) => {
      const stack = this.#asked('DescribeStacks', StackName);
      stack.look(this.pace);
      const { template, parameters } = stack.now ?? { template: undefined, parameters: {} };
      return {
        Stacks: [
          {
            StackId: stack.id,
            StackName: stack.name,
            CreationTime: stack.created,
            ...(stack.updated === undefined ? {} : { LastUpdatedTime: stack.updated }),
            StackStatus: stack.status,
            ...(stack.reason === undefined ? {} : { StackStatusReason: stack.reason }),
            Parameters: Object.entries(template === undefined ? {} : parameters).map(
              ([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }),
            ),
            Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({
              OutputKey,
              OutputValue,
            })),
            Tags: stack.tags,
            DriftInformation: this.#compared.get(stack.id) ?? { StackDriftStatus: 'NOT_CHECKED' },
          },
        ],
      };
    },
    DescribeStackEvents: ({ StackName = '', NextToken }: client.DescribeStackEventsCommandInput) => {
      const stack = this.#asked('DescribeStackEvents', StackName);
      const events = [...stack.events].reverse();
      const from = Number(NextToken ?? 0);
      const more = from + EVENTS_AT_ONCE < events.length;
      return {
        StackEvents: events.slice(from, from + EVENTS_AT_ONCE),
        ...(more ? { NextToken: String(from + EVENTS_AT_ONCE) } : {}),
      };
    },
    CreateChangeSet: (input: client.CreateChangeSetCommandInput) => {
      const {
        StackName = '',
        ChangeSetName = '',
        ChangeSetType = 'UPDATE',
        TemplateBody = '',
        OnStackFailure,
      } = input;
      this.#may('CreateChangeSet', StackName);
      if (input.Tags !== undefined) this.#may('TagResource', StackName);
      if (Buffer.byteLength(TemplateBody) > 51_200) {
        throw validationError(
          "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
        );
      }
      const create = ChangeSetType === 'CREATE';
      const stack = this.#forChange(StackName, create, ChangeSetName);
      const template = parseTemplate(TemplateBody);
      const parameters = parameterValues(template, input.Parameters ?? [], stack.now?.parameters ?? {});
      if (input.Capabilities?.includes('CAPABILITY_IAM') !== true) {
        throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_IAM]');
      }
      const set: ChangeSet = {
        id: this.#account.arn('cloudformation', `changeSet/${ChangeSetName}/${randomUUID()}`),
        name: ChangeSetName,
        stack,
        create,
        wanted: { template, parameters },
        onFailure: OnStackFailure ?? 'ROLLBACK',
        tags: input.Tags ?? [],
        status: 'CREATE_PENDING',
        execution: 'UNAVAILABLE',
        reason: undefined,
      };
      this.#changeSets.push(set);
      return { Id: set.id, StackId: stack.id };
    },
    DescribeChangeSet: (input: client.DescribeChangeSetCommandInput) => {
      const set = this.#changeSet('DescribeChangeSet', input);
      const { added, changed, removed } = set.stack.difference(set.wanted);
      if (set.status === 'CREATE_PENDING') {
        const none = added.length + changed.length + removed.length === 0;
        const refused = this.refusals.length > 0;
        set.status = none || refused ? 'FAILED' : 'CREATE_COMPLETE';
        set.execution = none || refused ? 'UNAVAILABLE' : 'AVAILABLE';
        if (refused) set.reason = EARLY;
        else if (none)
          set.reason =
            "The submitted information didn't contain changes. Submit different information to create a change set.";
      }
      const change = (Action: 'Add' | 'Modify' | 'Remove') => (LogicalResourceId: string) => ({
        Type: 'Resource' as const,
        ResourceChange: { Action, LogicalResourceId },
      });
      return {
        ChangeSetId: set.id,
        ChangeSetName: set.name,
        StackId: set.stack.id,
        Status: set.status,
        ExecutionStatus: set.execution,
        ...(set.reason === undefined ? {} : { StatusReason: set.reason }),
        Changes: [
          ...added.map(change('Add')),
          ...changed.map(change('Modify')),
          ...removed.map(change('Remove')),
        ],
      };
    },
    DescribeEvents: (input: client.DescribeEventsCommandInput) => {
      const set = this.#changeSet('DescribeEvents', input);
      return {
        OperationEvents: this.refusals.map((refusal) => ({
          EventId: randomUUID(),
          StackId: set.stack.id,
          EventType: 'VALIDATION_ERROR' as const,
          ValidationStatus: 'FAILED' as const,
          Timestamp: new Date(),
          ...refusal,
        })),
      };
    },
    ExecuteChangeSet: (input: client.ExecuteChangeSetCommandInput) => {
      const set = this.#changeSet('ExecuteChangeSet', input);
      if (set.execution !== 'AVAILABLE') {
        throw new AwsError(
          'InvalidChangeSetStatus',
          `ChangeSet [${set.id}] cannot be executed in its current execution status of [${set.execution}]`,
        );
      }
      if (set.stack.busy) throw inProgress(set.stack);
      // The others of the stack are deleted (CloudFormation API, ExecuteChangeSet).
      const others = this.#changeSets.filter(({ stack }) => stack !== set.stack);
      this.#changeSets.splice(0, Infinity, ...others, set);
      set.execution = 'EXECUTE_COMPLETE';
      set.stack.tags = set.tags;
      if (set.create) set.stack.create(set.wanted, set.onFailure);
      else set.stack.update(set.wanted);
      return {};
    },
    DeleteChangeSet: (input: client.DeleteChangeSetCommandInput) => {
      const set = this.#changeSet('DeleteChangeSet', input);
      this.#changeSets.splice(this.#changeSets.indexOf(set), 1);
      return {};
    },
    DetectStackDrift: ({ StackName = '' }: client.DetectStackDriftCommandInput) => {
      const stack = this.#asked('DetectStackDrift', StackName);
      this.#may('DetectStackResourceDrift', stack.name);
      return { StackDriftDetectionId: `drift-of-${stack.name}` };
    },
    DescribeStackDriftDetectionStatus: (input: client.DescribeStackDriftDetectionStatusCommandInput) => {
      // It takes no resource (Service Authorization Reference).
      this.#account.use('cloudformation:DescribeStackDriftDetectionStatus', '*');
      const id = input.StackDriftDetectionId ?? '';
      const stack = this.stack(id.replace('drift-of-', ''));
      const looked = this.#detections.get(id) ?? 0;
      this.#detections.set(id, looked + 1);
      if (looked > 0 && stack !== undefined) {
        const StackDriftStatus = stack.drifted.size === 0 ? 'IN_SYNC' : 'DRIFTED';
        this.#compared.set(stack.id, { StackDriftStatus, LastCheckTimestamp: new Date() });
      }
      return {
        StackId: stack?.id,
        StackDriftDetectionId: id,
        DetectionStatus:
          looked === 0 ? 'DETECTION_IN_PROGRESS' : (this.detectionFailure?.status ?? 'DETECTION_COMPLETE'),
        ...(looked === 0 ? {} : { DetectionStatusReason: this.detectionFailure?.reason }),
        Timestamp: new Date(),
      };
    },
    DescribeStackResourceDrifts: ({ StackName = '' }: client.DescribeStackResourceDriftsCommandInput) => {
      const stack = this.#asked('DescribeStackResourceDrifts', StackName);
      return {
        StackResourceDrifts: [...stack.drifted].map(([LogicalResourceId, paths]) => ({
          StackId: stack.id,
          LogicalResourceId,
          ResourceType: stack.resources.get(LogicalResourceId)?.type,
          StackResourceDriftStatus: paths.length === 0 ? 'DELETED' : 'MODIFIED',
          PropertyDifferences: paths.map((PropertyPath) => ({
            PropertyPath,
            ExpectedValue: 'x',
            ActualValue: 'y',
            DifferenceType: 'NOT_EQUAL',
          })),
          Timestamp: new Date(),
        })),
      };
    },
    DeleteStack: ({ StackName = '' }: client.DeleteStackCommandInput) => {
      const stack = this.#asked('DeleteStack', StackName);
      if (stack.status !== 'DELETE_COMPLETE' && !stack.busy) stack.remove();
      return {};
    },
  };

  #forChange(name: string, create: boolean, set: string): Stack {
    const there = this.stack(name);
    there?.look(this.pace);
    if (create) {
      if (there !== undefined && there.status !== 'REVIEW_IN_PROGRESS') {
        throw validationError(
          `Stack [${name}] already exists and cannot be created again with the changeSet [${set}]`,
        );
      }
      if (there !== undefined) return there;
      const stack = new Stack(name, this.#account, this.#aws);
      this.stacks.push(stack);
      return stack;
    }
    if (there === undefined) throw validationError(`Stack [${name}] does not exist`);
    if (
      there.busy ||
      /(ROLLBACK_COMPLETE|_FAILED)$/.test(there.status.replace(/^UPDATE_ROLLBACK_COMPLETE$/, ''))
    ) {
      throw inProgress(there);
    }
    return there;
  }

  #changeSet(
    action: string,
    { ChangeSetName, StackName }: { ChangeSetName?: string | undefined; StackName?: string | undefined },
  ): ChangeSet {
    const set = this.#changeSets.find(({ id, name }) => id === ChangeSetName || name === ChangeSetName);
    this.#may(action, set?.stack.name ?? StackName ?? '');
    if (set === undefined)
      throw new AwsError('ChangeSetNotFound', `ChangeSet [${String(ChangeSetName)}] does not exist`, 404);
    return set;
  }

  #asked(action: string, named: string): Stack {
    const byId = this.stacks.find(({ id }) => id === named);
    this.#may(action, byId?.name ?? named);
    const stack = byId ?? this.stack(named);
    if (stack === undefined) throw validationError(`Stack with id ${named} does not exist`);
    return stack;
  }

  #may(action: string, name: string): void {
    const stack = this.stack(name)?.id ?? this.#account.arn('cloudformation', `stack/${name}/*`);
    this.#account.use(`cloudformation:${action}`, stack);
  }
}

const EVENTS_AT_ONCE = 20;

/** The reason of a change set that is refused before it begins, as AWS gives it. */
const EARLY =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.';

const inProgress = (stack: Stack): AwsError =>
  validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
