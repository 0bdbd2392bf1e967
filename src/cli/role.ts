import { AwsClients } from '../core/aws/clients.ts';
import { asAwsError } from '../core/aws/aws-error.ts';
import { assumeForTask, SESSION_SECONDS } from '../core/aws/role/assume.ts';
import { withHosts } from '../core/aws/role/endpoints.ts';
import { HOSTS_WARNING, policyJson, roleGrant, utc, type RoleGrant } from '../core/aws/role/grant.ts';
import type { SessionCredentials } from '../protocol/credentials.ts';
import { OffloadError } from '../protocol/error.ts';
import type { Network } from '../protocol/network.ts';
import { askMfaCode, askYes } from './ask-line.ts';
import { say, severalLines } from './say.ts';
import { Usage } from './usage.ts';

/** The options of whatever can be given a role in AWS. */
export const roleOptions = {
  role: { type: 'string' },
  purpose: { type: 'string' },
  'role-profile': { type: 'string' },
  'role-region': { type: 'string' },
  yes: { type: 'boolean', default: false },
} as const;

/** What the help of each command says of them. @param column where its words begin */
export const roleHelp = (column: number): string =>
  [
    ['--role ARN', 'give it a session of this role of your AWS account, held to its purpose'],
    ['--purpose P', 'what for: inventory, cost, bucket:NAME, …; offload policy purposes lists all'],
    [
      '--role-profile P',
      'the profile of ~/.aws/config that takes the role; your default credentials without it',
    ],
    ['--role-region R', "the region, such as eu-west-1; the profile's or AWS_REGION's without it"],
    ['--yes', "agree to the role's policy, which is shown, without being asked"],
  ]
    .map(([option = '', words = '']) => `  ${option.padEnd(column - 2)}${words}`)
    .join('\n');

export interface RoleValues {
  role?: string | undefined;
  purpose?: string | undefined;
  'role-profile'?: string | undefined;
  'role-region'?: string | undefined;
  yes: boolean;
}

/** What a run has of AWS, and what it has to reach for that. */
export interface GivenRole {
  grant: RoleGrant;
  credentials: SessionCredentials;
  network: Network;
}

/** What is to have a role. */
export interface RoleRun {
  runId: string;
  seconds: number;
  network: Network;
  /** Told the network that it has with the role, before anybody is asked. @throws what it cannot be carried out for */
  check(network: Network): void;
}

/** @throws Usage for options that do not go together */
export function checkRole(values: RoleValues): void {
  const { role, purpose } = values;
  if ((role === undefined) !== (purpose === undefined))
    throw new Usage('--role and --purpose go together; "offload policy purposes" lists what there is');
  const rest = [values['role-profile'], values['role-region']].some((each) => each !== undefined);
  if (role === undefined && rest) throw new Usage('--role-profile and --role-region go with --role');
}

/**
 * Shows what a run would be given in AWS, asks whether it may have it, and takes it; undefined where it is to have nothing.
 * @throws OffloadError; see {@link roleGrant} and {@link assumeForTask}; `no-permission` where nobody agrees
 */
export async function givenRole(values: RoleValues, run: RoleRun): Promise<GivenRole | undefined> {
  checkRole(values);
  const { role, purpose } = values;
  if (role === undefined || purpose === undefined) return undefined;
  const choice = { profile: values['role-profile'], region: values['role-region'], askMfaCode };
  const aws = await AwsClients.open(choice);
  try {
    const grant = await roleGrant(role, purpose, aws.region);
    const network = withHosts(run.network, grant.hosts);
    run.check(network);
    tell(grant, run);
    await agree(values.yes);
    const credentials = await assumeForTask(aws, grant, run);
    say(`the credentials end at ${utc(credentials.expires)}`);
    return { grant, credentials, network };
  } catch (error) {
    throw asAwsError(error, aws);
  } finally {
    aws.dispose();
  }
}

/** All of it: what is not seen cannot be agreed to. */
function tell(grant: RoleGrant, { seconds, network }: { seconds: number; network: Network }): void {
  const { role, purpose, means, policy, region, hosts } = grant;
  say(`what runs gets a session of ${role.arn} in ${region} for ${purpose}: to ${means}`);
  process.stderr.write(severalLines(policyJson(policy)));
  if (network !== 'open') say(`it can reach ${hosts.join(', ')}`);
  say(HOSTS_WARNING);
  if (seconds > SESSION_SECONDS.max) {
    const [has, may] = [SESSION_SECONDS.max, seconds].map((each) => String(Math.round(each / 60)));
    say(
      `the session lasts ${String(has)} minutes, and the task may take ${String(may)}: it may lose it before its end`,
    );
  }
}

async function agree(yes: boolean): Promise<void> {
  if (yes) return;
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (isTerminal && (await askYes('Give it that?'))) return;
  throw new OffloadError('no-permission', 'Nobody has agreed to give the role: nothing was run.', {
    fix: 'Answer y at a terminal, or agree beforehand with --yes.',
  });
}
