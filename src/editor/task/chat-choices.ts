import type { Choices, Chosen } from '../../protocol/chat.ts';
import { OffloadError } from '../../protocol/error.ts';
import { LANGUAGES, type Language } from '../../protocol/languages.ts';
import { dollars } from '../model-usage.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import type { OfferedAgent } from './ask-options.ts';
import type { TaskOptions } from './options.ts';

/** The one place that there is to run in so far. */
const LOCAL = { id: 'local', label: 'This machine' };
/** Budgets that are offered besides the setting's. */
const BUDGETS_USD = [1, 5, 20];

/** What the chat's pickers offer. */
export const choicesOf = (agents: readonly OfferedAgent[], settings: TaskSettings | undefined): Choices => ({
  agents: agents.map((agent) => ({ ...agent, models: [...agent.models] })),
  targets: [LOCAL],
  budgets: settings === undefined ? [] : budgets(settings),
});

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
export const chosenOf = (options: TaskOptions): Chosen => ({
  agent: options.agent,
  ...(options.model === undefined ? {} : { model: options.model }),
  budget: budgetOf(options),
  target: LOCAL.id,
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
