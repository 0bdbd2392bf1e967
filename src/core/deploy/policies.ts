import deployPolicy from '../../../docs/aws-deploy-policy.json' with { type: 'json' };
import usePolicy from '../../../docs/aws-use-policy.json' with { type: 'json' };
import type { Partition } from '../aws/role/role-arn.ts';
import { DEFAULT_STACK } from './deployment.ts';

/** The documented policies: what deploying needs, and what running there needs. */
export const POLICIES = { deploy: deployPolicy, use: usePolicy } as const;
export type PolicyName = keyof typeof POLICIES;

/** A name of a stack, or the beginning of several, which ends with a star. */
export const STACK_PATTERN = /^[a-z][a-z0-9-]{0,36}([a-z0-9-]|\*)?$/;

/**
 * A policy as JSON, for the stack of a name. What the documentation has is for the default one.
 * @param stack a {@link STACK_PATTERN}
 * @param partition the part of AWS that it is for
 */
export function policyText(name: PolicyName, stack: string, partition: Partition = 'aws'): string {
  const policy = {
    ...POLICIES[name],
    Statement: POLICIES[name].Statement.map((statement) => ({
      ...statement,
      Resource: statement.Resource.map((resource) =>
        forStack(resource, stack).replace(/^arn:aws:/, `arn:${partition}:`),
      ),
    })),
  };
  return JSON.stringify(policy, null, 2) + '\n';
}

/** Where the stack's name stands in a resource: at the beginning of a name, or as the last but one part of a path. */
function forStack(resource: string, stack: string): string {
  if (/[:/]offload\/offload\/\*$/.test(resource)) return resource.replace(/offload\/\*$/, `${stack}/*`);
  return resource.replace(new RegExp(`([:/])${DEFAULT_STACK}(?=[-/])`), `$1${stack}`);
}
