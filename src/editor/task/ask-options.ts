import type { QuickPickItem } from 'vscode';
import { isOpen, networkText } from '../../protocol/network.ts';
import type { Capabilities } from '../../protocol/reply.ts';
import { networkIn, networkProblem } from '../settings/network-setting.ts';
import { counted } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import { dollars } from '../model-usage.ts';
import { plainText } from '../plain-text.ts';
import { askRole, type AwsHere } from './ask-role.ts';
import { EXECUTE, FILES, networksAt, networkWords, number } from './option-choices.ts';
import type { TaskOptions } from './options.ts';
import { roleName } from './role-choice.ts';

/** An agent as it is offered. */
export interface OfferedAgent {
  id: string;
  label: string;
  /** What there is of it: its version, or that it is not installed. */
  detail: string;
  models: readonly { id: string; label: string }[];
}

export interface AskContext {
  dialogs: Dialogs;
  /** Those that there are in the place that is chosen now. */
  agents: () => readonly OfferedAgent[];
  /** Where it goes now, and what it can have there, as far as that is known. */
  place: () => { label: string; can: Capabilities | undefined };
  choosePlace: () => Promise<void>;
  /** What the workspace tells every task, where it does. */
  aws: AwsHere;
  standing: { path: string; text: string } | undefined;
  showStanding: () => Promise<void>;
}

interface OptionItem extends QuickPickItem {
  /** Absent for the one that begins the task. */
  change?: () => Promise<TaskOptions | undefined>;
}

/**
 * Shows what a task will be done with, and lets each be changed. Enter takes all as it is.
 * @returns undefined when the user closed it
 */
export async function askOptions(
  context: AskContext,
  defaults: TaskOptions,
): Promise<TaskOptions | undefined> {
  let options = defaults;
  for (;;) {
    const items = [runItem(context, options), ...optionItems(context, options)];
    const picked = await context.dialogs.pick(
      items,
      'Run Task',
      'Enter runs it; or pick what should be different',
    );
    if (picked === undefined) return undefined;
    if (picked.change === undefined) return options;
    options = (await picked.change()) ?? options;
  }
}

function runItem({ agents }: AskContext, { agent }: TaskOptions): OptionItem {
  const name = agents().find(({ id }) => id === agent)?.label ?? agent;
  return { label: '$(play) Run Task', description: `with ${plainText(name)}, as below`, alwaysShow: true };
}

function optionItems(context: AskContext, options: TaskOptions): OptionItem[] {
  const { dialogs, standing } = context;
  const agents = context.agents();
  const { label: place, can } = context.place();
  const agent = agents.find(({ id }) => id === options.agent);
  const { budget, check = '', instructions = '', model } = options;
  const item = (icon: string, name: string, value: string, change: OptionItem['change']): OptionItem => ({
    label: `$(${icon}) ${name}`,
    description: plainText(value).replaceAll('$(', '$ ('),
    ...(change === undefined ? {} : { change }),
  });
  const text = async (
    question: Parameters<Dialogs['input']>[0],
    set: (text: string) => Partial<TaskOptions>,
  ) => {
    const typed = await dialogs.input(question);
    return typed === undefined ? undefined : tidy({ ...options, ...set(typed.trim()) });
  };
  const choice = async <T extends string>(
    name: string,
    values: readonly { value: T; label: string; detail?: string }[],
    set: (value: T) => Partial<TaskOptions>,
  ) => {
    const picked = await dialogs.pick([...values], name, `Choose for this task`);
    return picked && tidy({ ...options, ...set(picked.value) });
  };
  return [
    item('cloud', 'Runs On', place, async () => {
      await context.choosePlace();
      return undefined;
    }),
    item(
      'hubot',
      'Agent',
      `${agent?.label ?? options.agent}${agent === undefined ? '' : ` · ${agent.detail}`}`,
      () =>
        choice(
          'Agent',
          agents.map(({ id, label, detail }) => ({ value: id, label, detail })),
          // A model is an agent's.
          (id) => ({ agent: id, ...(id === options.agent ? {} : { model: undefined }) }),
        ),
    ),
    item('sparkle', 'Model', model ?? "the agent's own choice", () => askModel(dialogs, options, agent)),
    item('credit-card', 'Budget', budget.usd === undefined ? 'none' : dollars(budget.usd), () =>
      text(
        {
          title: 'Budget',
          prompt: 'US dollars that it may take.',
          value: String(budget.usd ?? ''),
          check: number('task.budgetUsd'),
        },
        (typed) => ({ budget: { ...budget, usd: Number(typed) } }),
      ),
    ),
    item('sync', 'Turns', budget.turns === undefined ? 'no limit' : counted(budget.turns, 'turn'), () =>
      text(
        {
          title: 'Turns',
          prompt: 'Answers that the agent may give.',
          value: String(budget.turns ?? ''),
          check: number('task.maxTurns'),
        },
        (typed) => ({ budget: { ...budget, turns: Number(typed) } }),
      ),
    ),
    item('clock', 'Minutes', counted(options.minutes, 'minute'), () =>
      text(
        {
          title: 'Minutes',
          prompt: 'Minutes that it may take.',
          value: String(options.minutes),
          check: number('task.minutes'),
        },
        (typed) => ({ minutes: Number(typed) }),
      ),
    ),
    item('globe', 'Network', networkWords(options.network, can), async () => {
      const picked = await dialogs.pick(networksAt(can), 'Network', 'Choose for this task');
      if (picked?.value !== 'hosts') return picked && tidy({ ...options, network: picked.value });
      return text(
        {
          title: 'Network',
          prompt: 'Hosts that it may reach, such as pypi.org, *.example.org or example.org:8443.',
          value: isOpen(options.network) && options.network !== 'open' ? networkText(options.network) : '',
          check: (typed) => {
            const problem = networkProblem(typed);
            return problem && `It ${problem}.`;
          },
        },
        (typed) => ({ network: networkIn(typed) }),
      );
    }),
    item('key', 'AWS Role', roleText(options), async () => {
      const answer = await askRole(dialogs, context.aws);
      return answer && tidy({ ...options, role: answer.role });
    }),
    item(
      'files',
      'Files',
      options.files === 'workspace' ? 'the workspace, without what is ignored' : 'none',
      () => choice('Files', FILES, (files) => ({ files })),
    ),
    item('beaker', 'Check', check === '' ? 'none' : check, () =>
      text(
        {
          title: 'Check',
          prompt: 'A command that is run at the end: the task is verified if it ends with 0. Empty for none.',
          value: check,
        },
        (typed) => ({ check: typed }),
      ),
    ),
    item('run-all', 'Execute', options.execute ? 'run the programs that it wrote' : 'no', () =>
      choice('Execute', EXECUTE, (value) => ({ execute: value === 'yes' })),
    ),
    item('note', 'Extra Instructions', instructions === '' ? 'none' : instructions, () =>
      text(
        {
          title: 'Extra Instructions',
          prompt: 'What the agent is told besides the prompt. Empty for none.',
          value: instructions,
        },
        (typed) => ({ instructions: typed }),
      ),
    ),
    ...(standing === undefined
      ? []
      : [
          item('book', 'Standing Instructions', `${standing.path}: ${firstLine(standing.text)}`, async () => {
            await context.showStanding();
            return undefined;
          }),
        ]),
  ];
}

const roleText = ({ role }: TaskOptions): string =>
  role === undefined ? 'none' : `${roleName(role.arn)}, for ${role.purpose}`;

async function askModel(
  dialogs: Dialogs,
  options: TaskOptions,
  agent: OfferedAgent | undefined,
): Promise<TaskOptions | undefined> {
  const own = { label: "The agent's own choice", model: '' };
  const typed = { label: '$(edit) Another…', model: undefined };
  const offered = (agent?.models ?? []).map(({ id, label }) => ({ label, description: id, model: id }));
  const picked = await dialogs.pick([own, ...offered, typed], 'Model', 'Choose for this task');
  if (picked === undefined) return undefined;
  const model =
    picked.model ??
    (await dialogs.input({
      title: 'Model',
      prompt: "The model's name as the provider knows it.",
      value: options.model ?? '',
    }));
  return model === undefined ? undefined : tidy({ ...options, model: model.trim() });
}

/** What is empty is not asked for. */
function tidy({
  model,
  check,
  instructions,
  role,
  ...options
}: { [Key in keyof TaskOptions]: TaskOptions[Key] | undefined }): TaskOptions {
  return {
    ...(options as TaskOptions),
    ...(model ? { model } : {}),
    ...(check ? { check } : {}),
    ...(instructions ? { instructions } : {}),
    ...(role ? { role } : {}),
  };
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
