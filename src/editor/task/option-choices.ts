import { holdsNetwork } from '../../core/targets/fit.ts';
import { isOpen, networkText, type Network } from '../../protocol/network.ts';
import type { Capabilities } from '../../protocol/reply.ts';
import { TASK_SETTINGS } from '../settings/task-settings.ts';

/** What a task's network is, and what becomes of it where its place cannot hold it: that is agreed to before it begins. */
export const networkWords = (network: Network, can: Capabilities | undefined): string =>
  [
    isOpen(network) ? networkText(network) : 'closed but for the model',
    ...(can === undefined || holdsNetwork(network, can) ? [] : [notHeld(can)]),
  ].join(' · ');

const notHeld = (can: Capabilities): string =>
  can.network.includes('open') ? 'open there: the place cannot close it' : 'not to be had there';

/** The networks that are offered. */
export const NETWORKS = [
  {
    value: 'closed',
    label: 'Closed',
    detail: 'Nothing but the model can be reached.',
  },
  {
    value: 'hosts',
    label: 'Some Hosts…',
    detail:
      'The agent, and programs that it runs, can reach the hosts that you name, and send them what they see.',
  },
  {
    value: 'open',
    label: 'Open',
    detail: 'The agent, and programs that it runs, can reach the internet and send what they see.',
  },
] as const;

/** A network of each kind. */
const EXAMPLES: Record<(typeof NETWORKS)[number]['value'], Network> = {
  closed: 'closed',
  hosts: { allow: ['example.org'] },
  open: 'open',
};

/** Those that a place can hold a task to. */
export const networksAt = (can: Capabilities | undefined) =>
  NETWORKS.filter(({ value }) => can === undefined || holdsNetwork(EXAMPLES[value], can));

export const FILES = [
  {
    value: 'workspace',
    label: 'The workspace',
    detail: 'As you see it, with unsaved edits, without what is ignored.',
  },
  { value: 'none', label: 'None', detail: 'The agent begins in an empty folder.' },
] as const;

export const EXECUTE = [
  { value: 'no', label: 'No' },
  {
    value: 'yes',
    label: 'Yes',
    detail: 'The programs that the agent wrote are run at the end, with their output.',
  },
] as const;

/** Says why a text is no number that a setting could have. */
export const number = (name: 'task.budgetUsd' | 'task.maxTurns' | 'task.minutes') => (typed: string) => {
  const result = TASK_SETTINGS[name].schema.safeParse(typed.trim() === '' ? Number.NaN : Number(typed));
  return result.success ? undefined : `${result.error.issues[0]?.message ?? 'It cannot be that'}.`;
};
