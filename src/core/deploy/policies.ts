import deployPolicy from '../../../docs/aws-deploy-policy.json' with { type: 'json' };
import usePolicy from '../../../docs/aws-use-policy.json' with { type: 'json' };
import { DEFAULT_STACK } from './deployment.ts';

/** The documented policies: what deploying needs, and what running there needs. */
export const POLICIES = { deploy: deployPolicy, use: usePolicy } as const;
export type PolicyName = keyof typeof POLICIES;

/** A policy as JSON, for the stack of a name. What the documentation has is for the default one. */
export function policyText(name: PolicyName, stack: string): string {
  const policy = {
    ...POLICIES[name],
    Statement: POLICIES[name].Statement.map((statement) => ({
      ...statement,
      Resource: statement.Resource.map((resource) => forStack(resource, stack)),
    })),
  };
  return JSON.stringify(policy, null, 2) + '\n';
}

/** Where the stack's name stands in a resource: at the beginning of a name, or as the last but one part of a path. */
function forStack(resource: string, stack: string): string {
  if (/[:/]offload\/offload\/\*$/.test(resource)) return resource.replace(/offload\/\*$/, `${stack}/*`);
  return resource.replace(new RegExp(`([:/])${DEFAULT_STACK}(?=[-/])`), `$1${stack}`);
}
