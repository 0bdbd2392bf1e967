import type { Choices, Chosen } from '../../protocol/chat.ts';
import { OffloadError } from '../../protocol/error.ts';
import { LANGUAGES, type Language } from '../../protocol/languages.ts';
import { dollars } from '../model-usage.ts';
import { targetId, targetLabel, type Target } from '../../core/targets/target.ts';
import type { Capabilities } from '../../protocol/reply.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import type { OfferedTarget } from '../target/targets.ts';
import type { OfferedAgent } from './ask-options.ts';
import type { TaskOptions } from './options.ts';

/** Budgets that are offered besides the setting's. */
const BUDGETS_USD = [1, 5, 20];

/** What the chat's pickers offer. */
export const choicesOf = (
  agents: readonly OfferedAgent[],
  targets: Choices['targets'],
  settings: TaskSettings | undefined,
): Choices => ({
  agents: agents.map((agent) => ({ ...agent, models: [...agent.models] })),
  targets,
  budgets: settings === undefined ? [] : budgets(settings),
});

/** The targets as they are offered; the chosen one also where it is no longer known. */
export function targetChoices(offered: readonly OfferedTarget[], chosen: Target): Choices['targets'] {
  const choices = offered.map(({ target, label, deployment }) => ({
    id: targetId(target),
    label,
    ...(deployment === undefined
      ? {}
      : { detail: `Account ${deployment.account}, stack ${deployment.stack}` }),
  }));
  if (choices.some(({ id }) => id === targetId(chosen))) return choices;
  const obstacle =
    chosen.kind === 'container'
      ? 'No container engine has answered yet.'
      : `${targetLabel(chosen)} is not known on this computer any more.`;
  return [...choices, { id: targetId(chosen), label: targetLabel(chosen), obstacle }];
}

/** The agents that a target has, where they are not those of this computer; which, is not known before it was asked. */
export function agentsAt(
  agents: readonly OfferedAgent[],
  can: Capabilities | undefined,
  { kind }: Pick<Target, 'kind'>,
): OfferedAgent[] {
  if (kind === 'local' || can?.hostInterpreters === true) return [...agents];
  if (can === undefined) return agents.map((agent) => ({ ...agent, detail: 'if the image there has it' }));
  return agents
    .filter(({ id }) => can.agents?.includes(id) === true)
    .map((agent) => ({ ...agent, detail: 'of its image' }));
}

function budgets({ defaults }: TaskSettings): Choices['budgets'] {
  const usual = defaults.budget.usd;
  const all = [...new Set([...(usual === undefined ? [] : [usual]), ...BUDGETS_USD])].sort((a, b) => a - b);
  return all.map((usd) => ({ label: dollars(usd), budget: { ...budgetOf(defaults), usd } }));
}

const budgetOf = ({ budget: { usd, turns }, minutes }: TaskOptions): Chosen['budget'] => ({
  ...(usd === undefined ? {} : { usd }),
  ...(turns === undefined ? {} : { turns }),
  minutes,
});

/** What of a task's options the chat's pickers show. */
export const chosenOf = (options: TaskOptions, target: Target): Chosen => ({
  agent: options.agent,
  ...(options.model === undefined ? {} : { model: options.model }),
  budget: budgetOf(options),
  target: targetId(target),
});

/** The language of a fenced block, by what stands behind its ticks. */
export function languageNamed(name: string): Language {
  const wanted = name.trim().toLowerCase();
  const found = LANGUAGES.find(
    ({ id, editorIds, extensions }) =>
      id === wanted ||
      editorIds.some((each) => each === wanted) ||
      extensions.some((each) => each === `.${wanted}`),
  );
  if (found !== undefined) return found;
  throw new OffloadError('unknown-language', `The language "${name}" cannot be run.`, {
    fix: `These can be run: ${LANGUAGES.map(({ label }) => label).join(', ')}.`,
  });
}
