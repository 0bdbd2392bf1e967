import { policyText, type POLICIES } from '../../core/deploy/policies.ts';
import type { Dialogs } from '../dialogs.ts';
import type { ReadOnlyText } from '../report/read-only-text.ts';

type PolicyName = keyof typeof POLICIES;

const ITEMS: readonly { label: string; description: string; policy: PolicyName }[] = [
  { label: 'Deploy', description: 'what deploying and removing a backend needs', policy: 'deploy' },
  { label: 'Use', description: 'what running code and tasks in one needs', policy: 'use' },
];

export interface PolicyContext {
  dialogs: Pick<Dialogs, 'pick'>;
  document: ReadOnlyText;
  /** The stack that it is for. */
  stack: string;
}

/** Shows what a user of AWS needs to be allowed, to copy it from there. @param name asked for where it is none */
export async function showPolicy({ dialogs, document, stack }: PolicyContext, name: unknown): Promise<void> {
  const known = ITEMS.find(({ policy }) => policy === name)?.policy;
  const policy = known ?? (await dialogs.pick([...ITEMS], 'Show AWS Policy', 'For what?'))?.policy;
  if (policy !== undefined) await document.show(policyText(policy, stack));
}
