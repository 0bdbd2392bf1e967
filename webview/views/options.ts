import { html, type TemplateResult } from 'lit-html';
import type { BudgetChoice, Choices, Chosen } from '../../src/protocol/chat.ts';
import { dropdown } from '../components/dropdown.ts';
import { icon } from '../components/icon.ts';
import { textField } from '../components/text.ts';
import { dollars } from '../text/words.ts';
import type { Page } from './page.ts';

/** Values of pickers that mean: nothing of what is offered. */
const OWN = ':own';
const WRITTEN = ':written';

/** Who works, with what, for how much and where: in a line that opens. */
export function optionsSummary(page: Page, choices: Choices, chosen: Chosen): TemplateResult {
  const { showsOptions } = page.ui;
  return html`<button
    type="button"
    class="options-summary"
    aria-expanded=${String(showsOptions)}
    aria-controls="options"
    title="Agent, model, budget and target of the next task"
    @click=${() => {
      page.change({ showsOptions: !showsOptions });
    }}
  >
    <span class="chevron">${icon('chevron')}</span>
    <span class="options-words">${summary(choices, chosen)}</span>
  </button>`;
}

/** The pickers. */
export const optionsFields = (page: Page, choices: Choices, chosen: Chosen): TemplateResult =>
  html`<div class="options-fields" id="options">${fields(page, choices, chosen)}</div>`;

function fields(page: Page, choices: Choices, chosen: Chosen): unknown {
  const choose = (part: Partial<Chosen>) => {
    page.send({ type: 'choose', chosen: { ...chosen, ...part } });
  };
  const agent = choices.agents.find(({ id }) => id === chosen.agent);
  return [
    dropdown({
      id: 'agent',
      label: 'Agent',
      choices: choices.agents.map(offered),
      value: chosen.agent,
      onPick: (id) => {
        // Another agent knows other models.
        page.change({ modelText: undefined });
        const { model: _, ...others } = chosen;
        page.send({ type: 'choose', chosen: { ...others, agent: id } });
      },
    }),
    modelField(page, agent?.models ?? [], chosen),
    budgetField(page, choices, chosen),
    dropdown({
      id: 'target',
      label: 'Runs on',
      choices: choices.targets.map(offered),
      value: chosen.target,
      onPick: (target) => {
        choose({ target });
      },
    }),
    obstacles(choices, chosen),
  ];
}

function modelField(page: Page, models: readonly { id: string; label: string }[], chosen: Chosen): unknown {
  const { model, ...others } = chosen;
  const isOffered = model === undefined || models.some(({ id }) => id === model);
  const { modelText } = page.ui;
  const writes = modelText !== undefined || !isOffered;
  const pick = (value: string) => {
    page.change({ modelText: value === WRITTEN ? '' : undefined });
    if (value === OWN) page.send({ type: 'choose', chosen: others });
    else if (value !== WRITTEN) page.send({ type: 'choose', chosen: { ...others, model: value } });
  };
  return [
    dropdown({
      id: 'model',
      label: 'Model',
      choices: [
        { value: OWN, label: 'The agent’s choice' },
        ...models.map(({ id, label }) => ({ value: id, label })),
        { value: WRITTEN, label: 'Other…' },
      ],
      value: writes ? WRITTEN : (model ?? OWN),
      onPick: pick,
    }),
    writes
      ? textField({
          id: 'model-name',
          label: 'Model’s name',
          value: modelText ?? model ?? '',
          placeholder: 'as the provider knows it',
          onInput: (name) => {
            const trimmed = name.trim();
            page.change({ modelText: name });
            page.send({ type: 'choose', chosen: trimmed === '' ? others : { ...others, model: trimmed } });
          },
        })
      : '',
  ];
}

function budgetField(page: Page, { budgets }: Choices, chosen: Chosen): unknown {
  const index = budgets.findIndex(({ budget }) => isSame(budget, chosen.budget));
  const { budgetText } = page.ui;
  const writes = budgetText !== undefined || index < 0;
  return [
    dropdown({
      id: 'budget',
      label: 'Budget',
      choices: [
        ...budgets.map(({ label }, at) => ({ value: String(at), label })),
        { value: WRITTEN, label: 'Other…' },
      ],
      value: writes ? WRITTEN : String(index),
      onPick: (value) => {
        const budget = budgets[Number(value)]?.budget;
        page.change({ budgetText: budget === undefined ? '' : undefined });
        if (budget !== undefined) page.send({ type: 'choose', chosen: { ...chosen, budget } });
      },
    }),
    writes
      ? textField({
          id: 'budget-usd',
          label: 'US dollars',
          value: budgetText ?? (chosen.budget.usd === undefined ? '' : String(chosen.budget.usd)),
          placeholder: 'for example 2.50',
          onInput: (text) => {
            page.change({ budgetText: text });
            const usd = Number(text.replace(',', '.'));
            if (usd > 0 && usd <= 10_000)
              page.send({ type: 'choose', chosen: { ...chosen, budget: { usd } } });
          },
        })
      : '',
  ];
}

const isSame = (a: BudgetChoice, b: BudgetChoice): boolean =>
  a.usd === b.usd && a.turns === b.turns && a.minutes === b.minutes;

interface Offered {
  id: string;
  label: string;
  detail?: string | undefined;
  obstacle?: string | undefined;
}

const offered = ({ id, label, detail, obstacle }: Offered) => ({
  value: id,
  label: obstacle === undefined ? label : `${label} (not ready)`,
  hint: obstacle ?? detail,
});

/** Why what is picked cannot be used now. */
const obstacles = (choices: Choices, chosen: Chosen): unknown =>
  [
    choices.agents.find(({ id }) => id === chosen.agent)?.obstacle,
    choices.targets.find(({ id }) => id === chosen.target)?.obstacle,
  ].map((obstacle) =>
    obstacle === undefined ? '' : html`<p class="obstacle">${icon('warning')} ${obstacle}</p>`,
  );

/** `Claude Code · the agent’s model · $5 · This computer`. */
function summary({ agents, targets, budgets }: Choices, { agent, model, budget, target }: Chosen): string {
  const picked = agents.find(({ id }) => id === agent);
  const label = picked?.models.find(({ id }) => id === model)?.label ?? model;
  return [
    picked?.label ?? agent,
    ...(label === undefined ? [] : [label]),
    budgets.find((each) => isSame(each.budget, budget))?.label ?? budgetWords(budget),
    targets.find(({ id }) => id === target)?.label ?? target,
  ].join(' · ');
}

const budgetWords = ({ usd, turns, minutes }: BudgetChoice): string =>
  [
    ...(usd === undefined ? [] : [dollars(usd)]),
    ...(turns === undefined ? [] : [`${String(turns)} turns`]),
    ...(minutes === undefined ? [] : [`${String(minutes)} min`]),
  ].join(', ') || 'no budget';
