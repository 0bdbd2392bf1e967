import * as z from 'zod/mini';
import { ACCOUNT_ID, REGION_NAME } from '../../protocol/aws-names.ts';
import { DEFAULT_STACK, STACK_NAME, type Deployment } from '../deploy/deployment.ts';

/**
 * Where runs go. A deployment is named, not described: what is known of it is looked up each time that it is reached, and
 * may be gone.
 */
export const targetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('local') }),
  z.object({ kind: z.literal('container') }),
  z.object({
    kind: z.literal('lambda'),
    account: z.string().check(z.regex(ACCOUNT_ID)),
    region: z.string().check(z.regex(REGION_NAME)),
    stack: z.string().check(z.regex(STACK_NAME)),
  }),
]);
export type Target = z.infer<typeof targetSchema>;
export type TargetKind = Target['kind'];
/** A backend in an AWS account. */
export type DeployedTo = Extract<Target, { kind: 'lambda' }>;

export const LOCAL: Target = { kind: 'local' };

/** The target that a deployment is. */
export const targetOf = ({ account, region, stack }: Deployment): DeployedTo => ({
  kind: 'lambda',
  account,
  region,
  stack,
});

/** A name for programs: the same for the same target, and another one for each other. */
export const targetId = (target: Target): string =>
  target.kind === 'lambda' ? ['lambda', target.account, target.region, target.stack].join('/') : target.kind;

/** The target that an id is of; undefined for a text that is no id. */
export function targetById(id: string): Target | undefined {
  const [kind, account, region, stack, ...more] = id.split('/');
  if (more.length > 0) return undefined;
  return targetSchema.safeParse({ kind, account, region, stack }).data;
}

/** A name for people. What is not usual of a deployment is in it: the name of its stack. */
export function targetLabel(target: Target): string {
  switch (target.kind) {
    case 'local':
      return 'This computer';
    case 'container':
      return 'Container';
    case 'lambda':
      return ['AWS', target.region, ...(target.stack === DEFAULT_STACK ? [] : [target.stack])].join(' · ');
  }
}

/** Whether a run's files leave this machine. */
export const isAway = (target: Target): target is DeployedTo => target.kind === 'lambda';

/** Whether a task that has ended can be gone on with there: on AWS nothing is left of it but its journal. */
export const goesOn = ({ kind }: Target): boolean => kind !== 'lambda';

/** Why a task that ended there is not gone on with, and what is done instead. */
export const endedForGood = (target: Target): { message: string; fix: string } => ({
  message: `A task on ${targetLabel(target)} cannot be gone on with once it has ended: nothing of its workspace and its conversation is kept there.`,
  fix: 'Begin a new task with what you want to say; take over the changes of this one first, so that it finds them.',
});
