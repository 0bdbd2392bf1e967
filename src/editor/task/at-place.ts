import { AGENTS } from '../../core/agents/catalog.ts';
import {
  endedForGood,
  goesOn,
  isAway,
  LOCAL,
  targetById,
  targetId,
  targetLabel,
  type Target,
} from '../../core/targets/target.ts';
import type { ModelAccess } from '../../protocol/access.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { RunRecord } from '../run/record.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import type { Place } from '../target/targets.ts';
import type { ReadyAgent } from './agent-programs.ts';
import type { KeyStore } from './key-store.ts';
import { modelAccess } from './model-access.ts';

/**
 * The agent that does a task: this machine's own program, or what the place has.
 * @param here gets this machine's ready
 * @throws OffloadError `not-supported` where the place has none of that id
 */
export async function agentAt(
  { can, label }: Pick<Place, 'can' | 'label'>,
  id: string,
  here: () => Promise<ReadyAgent>,
): Promise<Omit<ReadyAgent, 'program'> & { program?: string }> {
  if (can?.hostInterpreters !== false) return here();
  const name = AGENTS.find((agent) => agent.id === id)?.name;
  const there = can.agents ?? [];
  if (name !== undefined && there.includes(id)) return { id, name, args: [] };
  throw new OffloadError('not-supported', `There is no agent "${id}" on ${label}.`, {
    fix: there.length === 0 ? 'Choose where runs go anew.' : `Choose one of ${there.join(', ')}.`,
  });
}

/** How the model is reached. A backend that was deployed may have access of its own, and has no use for AWS profiles. */
export async function accessAt(
  target: Target,
  settings: TaskSettings,
  keys: KeyStore,
): Promise<ModelAccess | undefined> {
  if (!isAway(target)) return modelAccess(settings, keys);
  if (settings.provider === 'bedrock') return undefined;
  try {
    return await modelAccess(settings, keys);
  } catch (error) {
    if (error instanceof OffloadError && error.code === 'no-access') return undefined;
    throw error;
  }
}

/** @throws OffloadError `run-ended` for a task that cannot be gone on with, since its place keeps nothing of it */
export function requireGoingOn({ target = LOCAL }: Pick<RunRecord, 'target'>): void {
  if (goesOn(target)) return;
  const { message, fix } = endedForGood(target);
  throw new OffloadError('run-ended', message, { fix });
}

/**
 * What an agent has done and knows is where its task was: a conversation goes on there, or not at all.
 * @throws OffloadError `run-ended` where another place is wanted, or nothing is kept there
 */
export function requireSamePlace(latest: RunRecord, wanted: string): void {
  requireGoingOn(latest);
  const { target = LOCAL } = latest;
  if (targetId(target) === wanted) return;
  const there = targetById(wanted);
  throw new OffloadError(
    'run-ended',
    `The files and the conversation of this chat are on ${targetLabel(target)}, and do not move to ${there === undefined ? 'another place' : targetLabel(there)}.`,
    { fix: `Begin a new task, or choose ${targetLabel(target)} to go on.` },
  );
}
