import { resolveRegion } from '../../core/aws/region.ts';
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
import { userAbort } from '../abort.ts';
import { askMfaCode } from '../ask-mfa-code.ts';
import type { Dialogs } from '../dialogs.ts';
import { labelText } from '../plain-text.ts';
import type { RoleChoice } from './role-choice.ts';

/** What a task has of AWS. */
export interface GivenRole {
  credentials: SessionCredentials;
  /** What its agent is told. */
  instructions: string;
}

export interface RoleWindow {
  dialogs: Dialogs;
  showPolicy: (text: string) => Promise<void>;
}

/** A role that a task may have, and does not have yet. */
export interface AgreedRole {
  /** What has to be reached for it, besides what the task may. */
  network: Network;
  /**
   * Takes it: the session begins to run out.
   * @throws OffloadError why it cannot be had; an AbortError where the user gives no code of their device
   */
  take(signal: AbortSignal): Promise<GivenRole>;
}

interface TaskOfRole {
  runId: string;
  seconds: number;
  network: Network;
}

const GIVE = 'Give Role';
const SHOW = 'Show Policy';

/**
 * Asks whether a task may have a role, with all of its policy. It is asked each time, and nothing of it is kept.
 * @throws OffloadError what is wrong with it; an AbortError where the user does not want it
 */
export async function agreeToRole(
  window: RoleWindow,
  role: RoleChoice,
  task: TaskOfRole,
): Promise<AgreedRole> {
  const region = await resolveRegion(role);
  const grant = await roleGrant(role.arn, role.purpose, region);
  if (!(await agrees(window, grant, task))) throw userAbort();
  const network = withHosts(task.network, grant.hosts);
  return { network, take: (signal) => takeRole(window, role, grant, task, signal) };
}

async function takeRole(
  window: RoleWindow,
  { profile, region }: RoleChoice,
  grant: RoleGrant,
  task: TaskOfRole,
  signal: AbortSignal,
): Promise<GivenRole> {
  const ask = (device: string) => askMfaCode(window.dialogs, device);
  const aws = await AwsClients.open({ profile, region, askMfaCode: ask });
  try {
    const credentials = await assumeForTask(aws, grant, task, signal);
    signal.throwIfAborted();
    return { credentials, instructions: roleInstructions(grant, credentials.expires) };
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
    modal: true,
  } as const;
  const answer = await dialogs.ask({ ...question, detail: details(grant, task) });
  if (answer !== SHOW) return answer === GIVE;
  await showPolicy(policyJson(grant.policy));
  // A modal question would hold up the text, and a notification goes while it is read.
  const items = [{ label: '$(close) Do Not Give It' }, { label: `$(key) ${GIVE}`, isYes: true }];
  const picked = await dialogs.pick(
    items,
    labelText(question.message),
    'Read the policy below, then choose',
    true,
  );
  return picked?.isYes === true;
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
