import type { ModelAccess } from '../../protocol/access.ts';
import { OffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { awsIdentity } from '../aws/identity.ts';
import { buildImage } from './build.ts';
import { changeStack, hasParameters } from './change-set.ts';
import { asDeletedPart } from './deleted-part.ts';
import { knownDeployment, writeDeployment, type Deployment } from './deployment.ts';
import { eventStream } from './event-stream.ts';
import { foundIn } from './found-deployment.ts';
import { imageDigest, imageTag } from './image.ts';
import { parametersOf, withNetwork, type BackendOptions } from './options.ts';
import { architectureOf } from './plan.ts';
import { removeStack } from './remove-stack.ts';
import { askControl } from './smoke.ts';
import type { BackendSource } from './source.ts';
import {
  assertChangeable,
  assertNotNewer,
  assertOurs,
  conditionOf,
  settledStack,
  type StackState,
} from './stack.ts';
import { putAccess } from './secret.ts';
import { Steps, type Step, type StepEvent } from './steps.ts';
import { closedBy, isSaidClosed, tryNetwork } from './try-network.ts';
import { tidyUp } from './tidy.ts';
import { sourceKey, uploadSource } from './upload.ts';
import { DEFAULT_PACE, type Pace, type Work } from './work.ts';

export interface DeployInput {
  aws: AwsClients;
  source: BackendSource;
  options: BackendOptions;
  /** The state folder, where the deployment is noted. */
  state: string;
  /** How the model is reached; as the stack has it where absent. */
  access?: ModelAccess | undefined;
  /** The account that was agreed to; another one is refused. */
  account?: string | undefined;
  /** Whether a stack that was not made whole may be removed, with what is in it. */
  removeDead?: boolean;
  signal?: AbortSignal | undefined;
  pace?: Pace;
}

/** What a deploy tells: its steps, and at last what it made. */
export type DeployEvent = StepEvent | { type: 'deployed'; deployment: Deployment };

const STEPS = [
  ['credentials', 'Check the credentials'],
  ['stack', 'Look at the stack'],
  ['base', 'Make the bucket, the repository and the build project'],
  ['source', 'Upload the backend'],
  ['image', 'Build the image'],
  ['functions', 'Set the functions to the image'],
  ['key', 'Store how the model is reached'],
  ['check', 'Ask the control function'],
  ['tidy', 'Remove what is left of before'],
] as const;

/**
 * Deploys the backend, or brings it up to date. Each step looks what is there: the same again writes nothing, and what was
 * stopped or failed goes on from where it was.
 * @throws OffloadError in words for what AWS refuses; the signal's reason when it is stopped
 */
export function deploy(input: DeployInput): AsyncGenerator<DeployEvent, void, undefined> {
  return eventStream<DeployEvent>(async (tell, signal) => {
    const steps = new Steps(tell);
    steps.announce(STEPS);
    const run = <T>(id: (typeof STEPS)[number][0], body: (step: Step) => Promise<T>): Promise<T> =>
      steps.run(id, STEPS.find(([each]) => each === id)?.[1] ?? id, (step) =>
        body(step).catch((error: unknown) => {
          input.signal?.throwIfAborted();
          throw asDeletedPart(error, id, input.options.stack) ?? asAwsError(error, input.aws);
        }),
      );
    tell({ type: 'deployed', deployment: await carryOut(input, run, signal) });
  }, input.signal);
}

type Run = <T>(id: (typeof STEPS)[number][0], body: (step: Step) => Promise<T>) => Promise<T>;

async function carryOut(input: DeployInput, run: Run, signal: AbortSignal): Promise<Deployment> {
  const { aws, source, pace = DEFAULT_PACE } = input;
  const account = await run('credentials', async (step) => {
    const identity = await awsIdentity(aws, signal);
    step.detail(`${identity.arn} in ${aws.region}`);
    if (input.account === undefined || input.account === identity.account) return identity.account;
    throw new OffloadError(
      'unauthorized',
      `The credentials are now those of the account ${identity.account}, not ${input.account}.`,
      { fix: 'Deploy again, and look at the plan for this account.' },
    );
  });
  const work: Work = { aws, account, stack: input.options.stack, pace, signal };
  const there = await run('stack', (step) => lookAtStack(work, step, input));
  const options = withNetwork(input.options, there?.parameters);
  const architecture = architectureOf(options, there);
  const chosen = { ...parametersOf(options), Architecture: architecture };
  const template = source.template;

  const base = await run('base', async (step) => {
    if (there !== undefined && isBaseOf(there, input)) {
      step.skip('they are there');
      return there;
    }
    // Functions that are there keep their image until the new one is built.
    const kept = there === undefined ? { BackendHash: source.hash, ImageDigest: '' } : {};
    return changeStack(work, step, {
      template,
      parameters: { ...kept, ...(there === undefined ? chosen : {}) },
    });
  });
  const { Bucket: bucket, Repository: repository, BuildProject: project } = base.outputs;
  if (bucket === undefined || repository === undefined || project === undefined)
    throw incomplete(options.stack);

  const tag = imageTag(source.hash, architecture);
  let digest = await imageDigest(work, repository, tag).catch((error: unknown) => {
    throw asDeletedPart(error, 'source', options.stack) ?? asAwsError(error, aws);
  });
  await run('source', async (step) => {
    if (digest === undefined) await uploadSource(work, step, bucket, source);
    else step.skip('the image is built');
  });
  digest = await run('image', async (step) => {
    if (digest !== undefined) {
      step.skip('it is built');
      return digest;
    }
    const order = { project, source: `${bucket}/${sourceKey(source.hash)}`, tag, architecture };
    const failure = await buildImage(work, step, order).then(
      () =>
        new OffloadError('deploy-failed', 'The build ended well, but left no image.', {
          fix: 'Somebody may have removed it: deploy again, which builds another one.',
        }),
      (error: unknown) => {
        signal.throwIfAborted();
        return error instanceof Error ? error : new Error(String(error));
      },
    );
    // Another who deployed the same was first, and a tag is pushed once.
    const built = await imageDigest(work, repository, tag);
    if (built !== undefined) return built;
    throw failure;
  });

  const { after, deployment } = await run('functions', async (step) => {
    const parameters = { ...chosen, BackendHash: source.hash, ImageDigest: digest };
    const same = hasParameters(base, parameters) && base.outputs['ControlFunction'] !== undefined;
    if (same) step.skip('they are set to it');
    const stack = same ? base : await changeStack(work, step, { template, parameters });
    const made = deploymentOf(stack, input, account);
    // Found once, it holds for as long as nothing changes.
    const noted = stack === there ? await knownDeployment(input.state, made) : undefined;
    const closed = closedBy(stack.parameters);
    const deployed = noted?.closedBy === closed ? { ...made, closedBy: closed } : made;
    await writeDeployment(input.state, deployed);
    return { after: stack, deployment: deployed };
  });

  await run('key', async (step) => {
    const secret = after.outputs['SecretArn'];
    if (input.access === undefined || secret === undefined) step.skip('it stays as it is');
    else await putAccess(work, step, secret, input.access);
  });
  await run('check', async (step) => {
    const { build, node } = await askControl(work, deployment.controlFunction);
    step.detail(`it answers: ${build}, Node ${node}`);
    if (!isSaidClosed(after.parameters) || deployment.closedBy !== undefined) return;
    const open = await tryNetwork(aws, deployment, signal);
    if (open !== undefined) throw open;
    deployment.closedBy = closedBy(after.parameters);
    await writeDeployment(input.state, deployment);
    step.detail('a run found its network closed');
  });
  await run('tidy', (step) => tidyUp(work, step, { bucket, repository, hash: source.hash, digest }));
  return deployment;
}

/** The stack, once it can be changed; undefined where it is made anew. */
async function lookAtStack(
  work: Work,
  step: Step,
  { source, removeDead }: DeployInput,
): Promise<StackState | undefined> {
  const stack = await settledStack(work, step);
  assertOurs(work.stack, stack);
  if (conditionOf(stack) === 'dead' && removeDead === true) {
    await step.part('remove', 'Remove what is left of the stack', (part) => removeStack(work, part, stack));
    return undefined;
  }
  assertChangeable(work.stack, stack);
  if (stack === undefined || conditionOf(stack) === 'fresh') {
    step.detail('there is none yet');
    return undefined;
  }
  assertNotNewer(work.stack, stack, source);
  step.detail(
    stack.outputs['BackendHash'] === source.hash ? 'it has this version' : 'it has another version',
  );
  return stack;
}

/** Whether an image can be built with the stack as it is. */
const isBaseOf = (stack: StackState, { source }: DeployInput): boolean =>
  Number(stack.outputs['TemplateVersion']) === source.templateVersion;

const incomplete = (stack: string): OffloadError =>
  new OffloadError('stack-blocked', `The stack ${stack} lacks what an image is built with.`, {
    fix: 'Remove it with "offload destroy" and deploy anew.',
  });

function deploymentOf(
  { outputs, parameters }: StackState,
  { aws, options }: DeployInput,
  account: string,
): Deployment {
  const { region, profile } = aws;
  const found = foundIn({ account, region, stack: options.stack, outputs, parameters });
  if (found === undefined) {
    throw new OffloadError('deploy-failed', 'The stack has no functions.', {
      fix: 'Remove it with "offload destroy" and deploy anew.',
    });
  }
  return { ...found, ...(profile === undefined ? {} : { profile }), deployedAt: Date.now() };
}
