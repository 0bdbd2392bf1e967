import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import { accessSchema } from '../../protocol/access.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { taskRequestSchema } from '../../protocol/task.ts';
import { networkIn, networkSetting } from './network-setting.ts';
import { checkedSettings, type ReadSetting } from './setting.ts';
import type { TaskOptions } from '../task/options.ts';
import { roleArnSchema } from '../task/role-choice.ts';

/** How a model is reached: whose endpoint it is, and with what kind of key. */
export const PROVIDERS = ['anthropic', 'subscription', 'compatible', 'bedrock'] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface TaskSettings {
  /** What a task is done with where nothing else is chosen. */
  defaults: TaskOptions;
  provider: Provider;
  /** The address of a compatible endpoint; empty for none. */
  baseUrl: string;
  /** Of the host's AWS configuration; empty for its default. */
  bedrockProfile: string;
  bedrockRegion: string;
  /** The ARNs of roles in AWS that tasks were given. */
  roles: readonly string[];
  toolServers: NonNullable<z.infer<typeof taskRequestSchema>['toolServers']>;
  /** The programs of agents by the agent's id; empty where it is looked for. */
  programs: Readonly<Record<string, string>>;
}

/** Empty, or as it must be. */
const orEmpty = (isGood: (text: string) => boolean, why: string) =>
  z.string().check(z.refine((text) => text === '' || isGood(text), why));

/** Whether a request may have it in its access. */
const isAccess = (access: unknown): boolean => accessSchema.safeParse(access).success;

/** Whether an address says nothing but where: settings are no place for keys. */
const isBare = (address: string): boolean => {
  if (!URL.canParse(address)) return false;
  const { username, password, search, hash } = new URL(address);
  return `${username}${password}${search}${hash}` === '';
};

const program = orEmpty(isAbsolute, 'must be an absolute path');
const longText = z.string().check(z.maxLength(64 * 1024));

/** The settings of tasks. Whose program, key, address, network and budget it is no repository may say. */
export const TASK_SETTINGS = {
  'task.agent': { schema: z.string().check(z.minLength(1), z.maxLength(64)), default: 'claude-code' },
  'task.model': { schema: z.string().check(z.maxLength(256)), default: '' },
  'task.budgetUsd': { schema: z.number().check(z.minimum(0.01), z.maximum(10_000)), default: 5 },
  'task.maxTurns': { schema: z.int().check(z.minimum(1), z.maximum(10_000)), default: 200 },
  'task.minutes': {
    schema: z.int().check(z.minimum(1), z.maximum(LIMITS.wallSeconds.max / 60)),
    default: 60,
  },
  'task.network': { schema: networkSetting, default: 'closed' },
  'task.check': { schema: longText, default: '' },
  'task.execute': { schema: z.boolean(), default: false },
  'task.instructions': { schema: longText, default: '' },
  'task.toolServers': { schema: taskRequestSchema.shape.toolServers.def.innerType, default: {} },
  'task.provider': { schema: z.enum(PROVIDERS), default: 'anthropic' },
  'task.baseUrl': {
    schema: orEmpty(
      (baseUrl) => isAccess({ provider: 'messages', baseUrl }) && isBare(baseUrl),
      'must be an http or https address, without a user or a key in it',
    ),
    default: '',
  },
  'task.bedrock.profile': { schema: z.string().check(z.maxLength(256)), default: '' },
  'task.bedrock.region': {
    schema: orEmpty(
      (region) => isAccess({ provider: 'bedrock', region }),
      'must be the name of a region, such as us-east-1',
    ),
    default: '',
  },
  'aws.roles': { schema: z.array(roleArnSchema).check(z.maxLength(100)), default: [] },
  'agents.claude-code.path': { schema: program, default: '' },
  'agents.opencode.path': { schema: program, default: '' },
} as const;

/**
 * The settings of tasks, checked. They are read anew at each use.
 * @throws SettingError naming the first one that is wrong
 */
export function parseTaskSettings(read: ReadSetting): TaskSettings {
  const value = checkedSettings(TASK_SETTINGS, read);
  const [model, check, instructions] = [
    value('task.model'),
    value('task.check'),
    value('task.instructions'),
  ].map((text) => text.trim());
  return {
    defaults: {
      agent: value('task.agent'),
      ...(model ? { model } : {}),
      budget: { usd: value('task.budgetUsd'), turns: value('task.maxTurns') },
      minutes: value('task.minutes'),
      network: networkIn(value('task.network')),
      files: 'workspace',
      ...(check ? { check } : {}),
      execute: value('task.execute'),
      ...(instructions ? { instructions } : {}),
    },
    provider: value('task.provider'),
    baseUrl: value('task.baseUrl'),
    bedrockProfile: value('task.bedrock.profile'),
    bedrockRegion: value('task.bedrock.region'),
    roles: value('aws.roles'),
    toolServers: value('task.toolServers'),
    programs: {
      'claude-code': value('agents.claude-code.path'),
      opencode: value('agents.opencode.path'),
    },
  };
}
