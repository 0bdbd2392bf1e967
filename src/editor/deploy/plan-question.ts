import type { DeployPlan } from '../../core/deploy/plan.ts';
import type { Question } from '../dialogs.ts';
import { profileWords } from './place.ts';

export interface PlanContext {
  profile: string | undefined;
  /** How tasks reach their model, in words. */
  access: string;
  /** Whether an earlier deploy to this place was cut off by the end of its window. */
  goesOn: boolean;
}

/** The label of the yes. */
export const DEPLOY = 'Deploy';

/** All that a deploy would do and cost, to be agreed to. */
export function planQuestion(plan: DeployPlan, { profile, access, goesOn }: PlanContext): Question {
  const { account, user, region, stack, status, changes, cost } = plan;
  const where = [
    `AWS account: ${account}`,
    `As: ${user} (${profileWords(profile)})`,
    `Region: ${region}`,
    `Stack: ${stack}${status === undefined ? ', a new one' : ` (${status})`}`,
    `Model of tasks: ${access}`,
  ];
  const first = goesOn
    ? ['An earlier deploy was cut off when its window closed. This goes on from there.']
    : [];
  return {
    severity: 'info',
    modal: true,
    message: `Deploy the Offload backend to AWS account ${account}?`,
    detail: [
      ...first,
      where.join('\n'),
      changes.length === 0
        ? 'Nothing of the stack changes.'
        : `This will\n${changes.map((change) => `•  ${change}`).join('\n')}`,
      `Cost: ${cost}`,
    ].join('\n\n'),
    buttons: [DEPLOY],
  };
}
