import { asAwsError } from '../../core/aws/aws-error.ts';
import { AwsClients } from '../../core/aws/clients.ts';
import { assumeForTask, SESSION_SECONDS } from '../../core/aws/role/assume.ts';
import { withHosts } from '../../core/aws/role/endpoints.ts';
import {
  HOSTS_WARNING,
  policyJson,
  roleGrant,
  roleInstructions,
  type RoleGrant,
} from '../../core/aws/role/grant.ts';
import type { SessionCredentials } from '../../protocol/credentials.ts';
import type { Network } from '../../protocol/network.ts';
import { counted } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import type { RoleChoice } from './role-choice.ts';

/** What a task has of AWS. */
export interface GivenRole {
  credentials: SessionCredentials;
  network: Network;
  /** What its agent is told. */
  instructions: string;
}

export interface RoleWindow {
  dialogs: Dialogs;
  showPolicy: (text: string) => Promise<void>;
}

const GIVE = 'Give Role';
const SHOW = 'Show Policy';

/**
 * Asks whether a task may have a role, with all of its policy, and takes it. It is asked each time, and nothing of it is
 * kept.
 * @throws OffloadError why it cannot be had; an AbortError where the user does not want it
 */
export async function giveRole(
  window: RoleWindow,
  { arn, purpose, profile, region }: RoleChoice,
  task: { runId: string; seconds: number; network: Network },
  signal: AbortSignal,
): Promise<GivenRole> {
  const askMfaCode = async (device: string): Promise<string> =>
    (await window.dialogs.input({
      title: 'AWS',
      prompt: `The code that ${device} shows.`,
      password: true,
    })) ?? '';
  const aws = await AwsClients.open({ profile, region, askMfaCode });
  try {
    const grant = await roleGrant(arn, purpose, aws.region);
    if (!(await agrees(window, grant, task)))
      throw new DOMException('The role is not to be given.', 'AbortError');
    signal.throwIfAborted();
    const credentials = await assumeForTask(aws, grant, task, signal);
    return {
      credentials,
      network: withHosts(task.network, grant.hosts),
      instructions: roleInstructions(grant, credentials.expires),
    };
  } catch (error) {
    throw asAwsError(error, aws);
  } finally {
    aws.dispose();
  }
}

async function agrees(
  { dialogs, showPolicy }: RoleWindow,
  grant: RoleGrant,
  task: { seconds: number; network: Network },
): Promise<boolean> {
  const question = {
    severity: 'warning',
    message: `Give this task a session of the AWS role ${grant.role.arn}?`,
    buttons: [GIVE, SHOW],
  } as const;
  const answer = await dialogs.ask({ ...question, modal: true, detail: details(grant, task) });
  if (answer !== SHOW) return answer === GIVE;
  // Beside the question, where it can be read.
  await showPolicy(policyJson(grant.policy));
  return (await dialogs.ask({ ...question, buttons: [GIVE] })) === GIVE;
}

function details(
  { purpose, means, region, policy, hosts }: RoleGrant,
  { seconds, network }: { seconds: number; network: Network },
): string {
  const [lasts, takes] = [SESSION_SECONDS.max, seconds].map((each) => Math.round(each / 60));
  return [
    `In ${region}, for ${purpose}: its commands and programs may ${means}. AWS holds them to this policy, as far as the role itself goes:`,
    policy.Statement.map((statement) => JSON.stringify(statement)).join('\n'),
    ...(network === 'open' ? [] : [`They can reach ${hosts.join(', ')}.`]),
    HOSTS_WARNING,
    ...(seconds > SESSION_SECONDS.max
      ? [
          `The session lasts ${counted(lasts ?? 0, 'minute')} at most, and the task may take ${counted(takes ?? 0, 'minute')}: it may lose it before its end.`,
        ]
      : []),
    'You are asked for each task. The credentials are kept nowhere.',
  ].join('\n\n');
}
