import type { AwsClients } from '../aws/clients.ts';
import { asAwsError } from '../aws/aws-error.ts';
import { awsIdentity } from '../aws/identity.ts';
import { architectureIn, type Architecture } from './architecture.ts';
import { hasParameters } from './change-set.ts';
import { asDeletedPart } from './deleted-part.ts';
import { imageDigest, imageTag } from './image.ts';
import { parametersOf, withNetwork, type BackendOptions } from './options.ts';
import { costWords } from './prices.ts';
import type { BackendSource } from './source.ts';
import {
  assertNotNewer,
  assertOurs,
  conditionOf,
  deadWords,
  readStack,
  type Condition,
  type StackState,
} from './stack.ts';

/** What a deploy would do, for whoever is asked to agree. Nothing was written for it. */
export interface DeployPlan {
  account: string;
  /** Who the credentials are. */
  user: string;
  region: string;
  stack: string;
  condition: Condition;
  /** CloudFormation's word for it; undefined where there is no stack. */
  status: string | undefined;
  /** What would be removed, made and changed, in words. */
  changes: string[];
  /** Whether its functions are there and stay, and with them the access to the model. */
  serves: boolean;
  /** Whether there is nothing to do. */
  upToDate: boolean;
  cost: string;
}

const PARTS = [
  'a bucket for runs and their files, encrypted, private, and emptied by itself',
  'a repository for the image of the functions',
  'a CodeBuild project that builds the image',
  'two Lambda functions: control, with an address of its own, and runner',
  'a secret for the keys of the model and of runs',
  'three log groups, and an IAM role for each of the three',
];

/** Megabytes of a run where nothing is said: the template's own. */
const DEFAULT_MEMORY = 2048;

export const architectureOf = (options: BackendOptions, stack: StackState | undefined): Architecture =>
  options.architecture ?? architectureIn(stack?.parameters);

export interface PlanInput {
  aws: AwsClients;
  source: BackendSource;
  options: BackendOptions;
  signal?: AbortSignal | undefined;
}

/** Looks at the account and says what a deploy would do. @throws OffloadError in words for what AWS refuses */
export async function planDeploy({
  aws,
  source,
  options: given,
  signal = new AbortController().signal,
}: PlanInput): Promise<DeployPlan> {
  try {
    const { account, arn } = await awsIdentity(aws, signal);
    const stack = await readStack({ aws, signal }, given.stack);
    assertOurs(given.stack, stack);
    const condition = conditionOf(stack);
    const standing = condition === 'dead' ? undefined : stack;
    assertNotNewer(given.stack, standing, source);
    const options = withNetwork(given, standing?.parameters);
    const architecture = architectureOf(options, standing);
    const memory = options.memory ?? Number(standing?.parameters['RunnerMemory'] ?? DEFAULT_MEMORY);
    const changes =
      condition === 'ready'
        ? await changesOf({ aws, source, options, signal }, stack)
        : fromScratch(condition, stack?.status);
    return {
      account,
      user: arn,
      region: aws.region,
      stack: options.stack,
      condition,
      status: stack?.status,
      changes,
      // What is removed keeps its outputs, and takes the access to the model with it.
      serves: standing?.outputs['ControlFunction'] !== undefined && !standing.status.startsWith('DELETE_'),
      upToDate: condition === 'ready' && changes.length === 0,
      cost: costWords(architecture, memory),
    };
  } catch (error) {
    throw asDeletedPart(error, 'plan', given.stack) ?? asAwsError(error, aws);
  }
}

function fromScratch(condition: Condition, status: string | undefined): string[] {
  const made = PARTS.map((part) => `make ${part}`);
  if (condition === 'dead') return [`remove what is left of a stack that ${deadWords(status)}`, ...made];
  if (condition === 'busy')
    return ['wait for what is under way on the stack', 'make or change what is missing then'];
  return condition === 'fresh' ? made : [];
}

async function changesOf(
  input: PlanInput & { signal: AbortSignal },
  stack: StackState | undefined,
): Promise<string[]> {
  const { source, options } = input;
  const { Repository } = stack?.outputs ?? {};
  const tag = imageTag(source.hash, architectureOf(options, stack));
  const digest = Repository === undefined ? undefined : await imageDigest(input, Repository, tag);
  const changes: string[] = [];
  if (digest === undefined) changes.push('upload the backend and build its image');
  const wanted = { BackendHash: source.hash, ...parametersOf(options) };
  const differing = Object.entries(wanted).filter(([name, value]) => stack?.parameters[name] !== value);
  for (const [name, value] of differing) {
    if (name !== 'BackendHash') changes.push(`set ${name} to ${value === '' ? 'none' : value}`);
  }
  const functions =
    digest === undefined || !hasParameters(stack, { BackendHash: source.hash, ImageDigest: digest });
  if (functions) changes.push('set the functions to that image');
  return changes;
}
