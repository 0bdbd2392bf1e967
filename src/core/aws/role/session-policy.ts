import { OffloadError } from '../../../protocol/error.ts';
import alwaysDenied from './policies/always-denied.json' with { type: 'json' };
import cost from './policies/cost.json' with { type: 'json' };
import inventory from './policies/inventory.json' with { type: 'json' };
import { ownStatements } from './policies/own-policy.ts';
import {
  bucketStatements,
  clusterStatements,
  logStatements,
  tableStatements,
} from './policies/parameterized.ts';
import type { PolicyStatement, SessionPolicy } from './policy.ts';
import type { Purpose } from './purpose.ts';
import { partitionOf, type RoleArn } from './role-arn.ts';

/** Characters that a session policy may have (AWS STS, AssumeRole). */
export const MAX_POLICY_CHARS = 2048;

/**
 * The policy that narrows a role's session to a purpose. What it allows holds as far as the role itself allows it: a
 * session policy gives nothing. Becoming another role and changing who may what is denied in each.
 * @param region the session's
 * @throws OffloadError `bad-setting` for names of another part of AWS than the role's, and a policy that is too large
 */
export async function sessionPolicy(purpose: Purpose, role: RoleArn, region: string): Promise<SessionPolicy> {
  if (
    partitionOf(region) !== role.partition ||
    ('partition' in purpose && purpose.partition !== role.partition)
  ) {
    throw new OffloadError(
      'bad-setting',
      `The role ${role.arn} and what it is for are in different parts of AWS.`,
      { fix: 'Name a role, a region and resources of the same one: aws, aws-cn or aws-us-gov.' },
    );
  }
  const statements = [...(await statementsOf(purpose, role, region)), alwaysDenied as PolicyStatement];
  const policy: SessionPolicy = { Version: '2012-10-17', Statement: statements };
  const { length } = JSON.stringify(policy);
  if (length <= MAX_POLICY_CHARS) return policy;
  throw new OffloadError(
    'bad-setting',
    `The policy has ${String(length)} characters without its spaces and with what is always denied; AWS takes ${String(MAX_POLICY_CHARS)}.`,
    { fix: 'Name fewer actions and resources, or shorter ones.' },
  );
}

async function statementsOf(purpose: Purpose, role: RoleArn, region: string): Promise<PolicyStatement[]> {
  const { partition, account } = role;
  switch (purpose.kind) {
    case 'inventory':
      return inventory.Statement as PolicyStatement[];
    case 'cost':
      return cost.Statement as PolicyStatement[];
    case 'bucket':
    case 'bucket-write':
      return bucketStatements(partition, { ...purpose, writes: purpose.kind === 'bucket-write' });
    case 'table':
      return tableStatements(purpose.arn);
    case 'cluster':
      return clusterStatements(purpose);
    case 'logs':
      return logStatements(`arn:${partition}:logs:${region}:${account}:log-group:${purpose.group}`);
    case 'file':
      return ownStatements(purpose.path);
  }
}
