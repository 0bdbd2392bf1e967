import { stageLeft, type CheckpointState, type Stage } from '../checkpoint/checkpoint-state.ts';

/** How far a task has come. */
export interface Progress {
  stage: Stage | 'done';
  /** Whether its check has passed, where that was run on what there is. */
  verified: boolean | undefined;
  /** Paths of the programs that were run. */
  executed: string[];
}

type Left = Pick<CheckpointState, 'stage' | 'next' | 'early' | 'turns' | 'executed' | 'verified'>;

/** How far a task has come where it begins here. @param left how an earlier function has left it, if one has */
export function progressFrom(left: Omit<Left, 'turns'> | undefined): Progress {
  const stage = left === undefined ? 'agent' : stageLeft(left);
  // What the agent changes yet is to be checked and run again.
  if (stage !== 'execute') return { stage, verified: undefined, executed: [] };
  return { stage, verified: left?.verified, executed: [...(left?.executed ?? [])] };
}

/** What of a task has not come to its end since it was left, where nothing has come of it. */
export function stuckAt(
  { stage, executed }: Pick<Progress, 'stage' | 'executed'>,
  turns: number,
  left: Omit<Left, 'verified'>,
): Stage | undefined {
  if (stage === 'done' || stage !== stageLeft(left)) return undefined;
  const isOn =
    (stage === 'agent' && turns > left.turns) ||
    (stage === 'execute' && executed.length > (left.executed?.length ?? 0));
  return isOn ? undefined : stage;
}
