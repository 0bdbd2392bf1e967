import { partitionOf } from '../../core/aws/role/role-arn.ts';
import { policyText, type PolicyName } from '../../core/deploy/policies.ts';
import type { Dialogs } from '../dialogs.ts';
import type { ReadOnlyText } from '../report/read-only-text.ts';

const ITEMS: readonly { label: string; description: string; policy: PolicyName }[] = [
  { label: 'Deploy', description: 'what deploying and removing a backend needs', policy: 'deploy' },
  { label: 'Use', description: 'what running code and tasks in one needs', policy: 'use' },
];

export interface PolicyContext {
  dialogs: Pick<Dialogs, 'pick'>;
  document: Pick<ReadOnlyText, 'show'>;
  /** The backend that it is for. Where its region is not known, the policy is for the part of AWS that most use. */
  backendFor: (policy: PolicyName) => { stack: string; region: string | undefined };
}

/** Shows what a user of AWS needs to be allowed, to copy it from there. @param name asked for where it is none */
export async function showPolicy(context: PolicyContext, name: unknown): Promise<void> {
  const { dialogs, document, backendFor } = context;
  const known = ITEMS.find(({ policy }) => policy === name)?.policy;
  const policy = known ?? (await dialogs.pick([...ITEMS], 'Show AWS Policy', 'For what?'))?.policy;
  if (policy === undefined) return;
  const { stack, region = '' } = backendFor(policy);
  await document.show(policyText(policy, stack, partitionOf(region)));
}
