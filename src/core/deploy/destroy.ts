import { OffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { awsIdentity } from '../aws/identity.ts';
import { removeDeployment } from './deployment.ts';
import { eventStream } from './event-stream.ts';
import { removeStack } from './remove-stack.ts';
import { assertOurs, settledStack } from './stack.ts';
import { Steps, type Step, type StepEvent } from './steps.ts';
import { DEFAULT_PACE, type Pace, type Work } from './work.ts';

export interface DestroyInput {
  aws: AwsClients;
  stack: string;
  /** The stack's name as the user typed it. */
  typed: string;
  /** The account that it is in, where that is known: credentials of another one remove nothing. */
  account?: string | undefined;
  state: string;
  signal?: AbortSignal | undefined;
  pace?: Pace;
}

/** What stays once a backend is gone. */
export const WHAT_STAYS =
  'Nothing of it stays in the account but what AWS keeps of every call: CloudTrail, the history of builds and the bill.';

/**
 * Removes a backend with all that it holds: runs, their files, logs, the key of the model.
 * @throws OffloadError `bad-request` where the name was not typed; in words for what AWS refuses
 */
export function destroy(input: DestroyInput): AsyncGenerator<StepEvent, void, undefined> {
  const { aws, stack, typed, state, pace = DEFAULT_PACE } = input;
  return eventStream<StepEvent>(async (tell, signal) => {
    if (typed !== stack) {
      throw new OffloadError('bad-request', 'The name of the stack was not typed as it is.', {
        fix: `Type ${stack} to remove it with all that it holds.`,
      });
    }
    const steps = new Steps(tell);
    const run = <T>(id: string, title: string, body: (step: Step) => Promise<T>): Promise<T> =>
      steps.run(id, title, (step) =>
        body(step).catch((error: unknown) => {
          input.signal?.throwIfAborted();
          throw asAwsError(error, aws);
        }),
      );
    const { account } = await run('credentials', 'Check the credentials', async (step) => {
      const identity = await awsIdentity(aws, signal);
      step.detail(`${identity.arn} in ${aws.region}`);
      if (input.account !== undefined && input.account !== identity.account) {
        throw new OffloadError(
          'no-credentials',
          `The credentials are of AWS account ${identity.account}, and ${stack} is to be removed from ${input.account}.`,
          {
            fix: `Use credentials of AWS account ${input.account}; "offload status" says what there is in another one.`,
          },
        );
      }
      return identity;
    });
    const work: Work = { aws, account, stack, pace, signal };
    await run('remove', 'Remove the stack', async (step) => {
      const there = await settledStack(work, step);
      assertOurs(stack, there);
      if (there === undefined) step.skip('there is none');
      else await removeStack(work, step, there);
      await removeDeployment(state, { stack, region: aws.region, account });
    });
  }, input.signal);
}
