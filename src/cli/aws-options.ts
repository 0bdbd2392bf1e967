import { AwsClients } from '../core/aws/clients.ts';
import { DEFAULT_STACK, deploymentsFor, STACK_NAME } from '../core/deploy/deployment.ts';
import { localFolders } from '../core/local/folders.ts';
import { askMfaCode } from './ask-line.ts';
import { Usage } from './usage.ts';

/** What every command has that works on a backend in AWS. */
export const AWS_OPTIONS = {
  profile: { type: 'string' },
  region: { type: 'string' },
  stack: { type: 'string' },
} as const;

export const AWS_HELP = `  --profile P   the profile of ~/.aws/config; the default credentials without it
  --region R    the region, such as eu-west-1; the profile's or AWS_REGION's without it
  --stack NAME  the name of the backend's stack (${DEFAULT_STACK})`;

/** Of a backend that was deployed: without the options, the one that was deployed last from this machine. */
export const DEPLOYED_HELP = `  --profile P   the profile of ~/.aws/config
  --region R    the region, such as eu-west-1
  --stack NAME  the name of the backend's stack
                without these, those of the backend that was deployed last from this machine`;

export interface AwsValues {
  profile?: string | undefined;
  region?: string | undefined;
  stack?: string | undefined;
}

/** AWS as the options say. @throws Usage for a name that no stack of ours has; OffloadError as {@link AwsClients.open} */
export async function openAws(values: AwsValues): Promise<{ aws: AwsClients; stack: string }> {
  const stack = stackOf(values);
  return { aws: await AwsClients.open({ ...values, askMfaCode }), stack };
}

/**
 * AWS where a backend was deployed to: what the options leave open is as in the latest deployment from this machine that
 * fits them, and else as for a new one.
 */
export async function openDeployed(values: AwsValues): Promise<{ aws: AwsClients; stack: string }> {
  const [known] = await deploymentsFor(localFolders().state, values);
  return openAws({ ...known, ...defined(values) });
}

const defined = (values: AwsValues): AwsValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** @throws Usage */
export function stackOf({ stack = DEFAULT_STACK }: AwsValues): string {
  if (STACK_NAME.test(stack)) return stack;
  throw new Usage('--stack takes a name of small letters, digits and hyphens, 38 at most');
}
