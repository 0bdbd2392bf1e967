import { createHash } from 'node:crypto';
import { fromWire, OffloadError } from '../../protocol/error.ts';
import { isTerminal } from '../../protocol/event.ts';
import { LANGUAGES } from '../../protocol/languages.ts';
import type { AwsClients } from '../aws/clients.ts';
import { deployedSandbox } from '../lambda/lambda-sandbox.ts';
import { runRequest } from '../program/program.ts';
import type { Sandbox } from '../sandbox.ts';

/** Whether runs of a backend are said to be closed to the network. */
export const isSaidClosed = (parameters: Readonly<Record<string, string>>): boolean =>
  parameters['RunNetwork'] === 'closed';

/** What closes it, as a text: what a run found of one says nothing of another. */
export const closedBy = ({
  VpcSubnets = '',
  VpcSecurityGroups = '',
}: Readonly<Record<string, string>>): string => `${VpcSubnets} ${VpcSecurityGroups}`;

/**
 * Has a run try whether it is closed to the network, as every run does before it begins.
 * @returns why it is not; undefined where it is
 * @throws OffloadError where no run can be had, `no-isolation` where it came to no end of its own
 */
export async function notClosed(
  sandbox: Pick<Sandbox, 'submit'>,
  signal?: AbortSignal,
): Promise<OffloadError | undefined> {
  const language = LANGUAGES.find(({ id }) => id === 'bash');
  if (language === undefined) throw new Error('there is no bash');
  const request = runRequest({
    language,
    entry: 'try.sh',
    code: ':',
    network: 'closed',
    limits: { wallSeconds: 10 },
    title: 'offload: is the network closed?',
  });
  for await (const event of sandbox.submit(request, signal)) {
    if (!isTerminal(event)) continue;
    if (event.type === 'completed') return undefined;
    if (event.type === 'cancelled') throw untried('the run that tries it was cancelled');
    const error = fromWire(event.error);
    if (error.code === 'no-isolation') return error;
    throw error;
  }
  throw untried('the run that tries it came to no end');
}

const untried = (why: string): OffloadError =>
  new OffloadError('no-isolation', `Nobody knows whether the network of runs is closed: ${why}.`, {
    fix: 'Try again: "offload deploy" tries it, and makes nothing anew.',
  });

/** {@link notClosed} of a backend that was deployed. */
export async function tryNetwork(
  aws: AwsClients,
  functions: { controlFunction: string; runnerFunction: string },
  signal?: AbortSignal,
): Promise<OffloadError | undefined> {
  const { region, profile, credentials } = aws;
  // A workspace of its own, so that no environment of another one's is taken.
  const tenant = createHash('sha256').update('offload: network').digest('hex').slice(0, 32);
  const sandbox = deployedSandbox({ ...functions, region, profile, credentials, tenant });
  try {
    return await notClosed(sandbox, signal);
  } finally {
    sandbox.dispose();
  }
}
