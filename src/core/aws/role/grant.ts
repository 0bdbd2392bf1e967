import { endpointsOf } from './endpoints.ts';
import type { SessionPolicy } from './policy.ts';
import { parsePurpose, purposeMeans } from './purpose.ts';
import { parseRoleArn, type RoleArn } from './role-arn.ts';
import { sessionPolicy } from './session-policy.ts';

/** What a task is given in AWS, as its user agrees to it, before there are credentials. */
export interface RoleGrant {
  role: RoleArn;
  /** As it was written. */
  purpose: string;
  /** The purpose in words. */
  means: string;
  policy: SessionPolicy;
  /** Where it can be used: the resource's, where the purpose names one. */
  region: string;
  /** The hosts that have to be reached for it. */
  hosts: readonly string[];
}

/**
 * What a role and a purpose come to.
 * @param region the user's own
 * @throws OffloadError `bad-setting`, naming what is wrong
 */
export async function roleGrant(roleArn: string, purposeText: string, region: string): Promise<RoleGrant> {
  const role = parseRoleArn(roleArn);
  const purpose = parsePurpose(purposeText);
  const where = 'region' in purpose ? purpose.region : region;
  const policy = await sessionPolicy(purpose, role, where);
  return {
    role,
    purpose: purposeText,
    means: purposeMeans(purpose),
    policy,
    region: where,
    hosts: endpointsOf(purpose, policy, where),
  };
}

/** A policy as people read it. */
export const policyJson = (policy: SessionPolicy): string => JSON.stringify(policy, null, 2) + '\n';

/** What hosts of AWS can be used for besides, which nobody can keep them from. */
export const HOSTS_WARNING =
  "These hosts serve all of AWS's customers: what can reach them could also send what it sees to another account there.";

/** What the agent is told. @param expires milliseconds since 1970 */
export const roleInstructions = ({ role, region, means, policy }: RoleGrant, expires: number): string =>
  [
    `AWS: commands and programs that you run here have credentials of the role ${role.arn} for the region ${region} in their environment, where boto3, the AWS CLI and the SDKs find them.`,
    `With them you may ${means}. AWS holds you to this policy, and to what the role itself may: ${JSON.stringify(policy)}`,
    `What else is asked for it refuses: then say so, and do not look for a way around. They end at ${utc(expires)}; after that it refuses everything.`,
    'Do not print, write down or send the credentials.',
  ].join('\n');

/** A moment for people. */
export const utc = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
