import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import { LANGUAGES } from '../../protocol/languages.ts';
import { LIMITS, type LimitName, type RequestedLimits } from '../../protocol/limits.ts';
import type { Network } from '../../protocol/network.ts';
import { networkIn, networkSetting } from './network-setting.ts';
import { checkedSettings, type ReadSetting } from './setting.ts';

const MB = 1024 * 1024;

/** When a run has changed files: ask with a notification, open the review at once, or only list them. */
export const REVIEW_MODES = ['ask', 'open', 'list'] as const;
export type ReviewMode = (typeof REVIEW_MODES)[number];

export interface Settings {
  /** Absolute paths by the language's id. */
  interpreters: Readonly<Record<string, string>>;
  limits: RequestedLimits;
  /** What programs that are run can reach; tasks have a setting of their own. */
  network: Network;
  reviewOnFinish: ReviewMode;
}

const absolutePath = z.string().check(z.refine(isAbsolute, 'must be an absolute path'));
const interpreters = z.partialRecord(z.enum(LANGUAGES.map(({ id }) => id)), absolutePath);

/** The whole numbers that a setting in units of `bytes` may have. */
const bounded = (limit: LimitName, unit: number) =>
  z.int().check(z.minimum(Math.ceil(LIMITS[limit].min / unit)), z.maximum(LIMITS[limit].max / unit));

/** The settings of all runs. */
export const SETTINGS = {
  interpreters: { schema: interpreters, default: {} },
  'limits.wallSeconds': { schema: bounded('wallSeconds', 1), default: LIMITS.wallSeconds.default },
  'limits.memoryMb': { schema: bounded('memoryBytes', MB), default: LIMITS.memoryBytes.default / MB },
  'limits.outputMb': { schema: bounded('outputBytes', MB), default: LIMITS.outputBytes.default / MB },
  network: { schema: networkSetting, default: 'closed' },
  reviewOnFinish: { schema: z.enum(REVIEW_MODES), default: 'ask' },
} as const;

/**
 * The settings, checked. They are read anew at each use.
 * @throws SettingError naming the first one that is wrong
 */
export function parseSettings(read: ReadSetting): Settings {
  const value = checkedSettings(SETTINGS, read);
  return {
    interpreters: value('interpreters') as Record<string, string>,
    limits: {
      wallSeconds: value('limits.wallSeconds'),
      memoryBytes: value('limits.memoryMb') * MB,
      outputBytes: value('limits.outputMb') * MB,
    },
    network: networkIn(value('network')),
    reviewOnFinish: value('reviewOnFinish'),
  };
}
