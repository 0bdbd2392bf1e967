import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import { why } from '../../protocol/decode.ts';
import { OffloadError } from '../../protocol/error.ts';
import { LANGUAGES } from '../../protocol/languages.ts';
import { LIMITS, type LimitName, type RequestedLimits } from '../../protocol/limits.ts';

/** The section that all settings are in. */
export const SECTION = 'offload';

const MB = 1024 * 1024;

/** When a run has changed files: ask with a notification, open the review at once, or only list them. */
export const REVIEW_MODES = ['ask', 'open', 'list'] as const;
export type ReviewMode = (typeof REVIEW_MODES)[number];

export interface Settings {
  /** Absolute paths by the language's id. */
  interpreters: Readonly<Record<string, string>>;
  limits: RequestedLimits;
  reviewOnFinish: ReviewMode;
}

const absolutePath = z.string().check(z.refine(isAbsolute, 'must be an absolute path'));
const interpreters = z.partialRecord(z.enum(LANGUAGES.map(({ id }) => id)), absolutePath);

/** The whole numbers that a setting in units of `bytes` may have. */
const bounded = (limit: LimitName, unit: number) =>
  z.int().check(z.minimum(Math.ceil(LIMITS[limit].min / unit)), z.maximum(LIMITS[limit].max / unit));

/** Every setting by its name in the section: what it may be, and what it is when it is not set. */
export const SETTINGS = {
  interpreters: { schema: interpreters, default: {} },
  'limits.wallSeconds': { schema: bounded('wallSeconds', 1), default: LIMITS.wallSeconds.default },
  'limits.memoryMb': { schema: bounded('memoryBytes', MB), default: LIMITS.memoryBytes.default / MB },
  'limits.outputMb': { schema: bounded('outputBytes', MB), default: LIMITS.outputBytes.default / MB },
  reviewOnFinish: { schema: z.enum(REVIEW_MODES), default: 'ask' },
} as const;
export type SettingName = keyof typeof SETTINGS;

/** A setting holds what it cannot hold. */
export class SettingError extends OffloadError {
  /** The setting's whole id. */
  readonly setting: string;

  constructor(setting: string, reason: string) {
    super('bad-setting', `The setting ${setting} cannot be used: ${reason}.`, {
      fix: `Correct ${setting} in the settings.`,
    });
    this.setting = setting;
  }
}

/**
 * The settings, checked. They are read anew at each use.
 * @param read gives a setting's value by its name in the section; undefined where it is not set
 * @throws SettingError naming the first one that is wrong
 */
export function parseSettings(read: (name: SettingName) => unknown): Settings {
  const value = <N extends SettingName>(name: N): z.infer<(typeof SETTINGS)[N]['schema']> => {
    const { schema, default: fallback } = SETTINGS[name];
    const set = read(name);
    const result = z.safeParse(schema, set === undefined ? fallback : set);
    if (result.success) return result.data as z.infer<(typeof SETTINGS)[N]['schema']>;
    throw new SettingError(`${SECTION}.${name}`, why(result.error));
  };
  return {
    interpreters: value('interpreters') as Record<string, string>,
    limits: {
      wallSeconds: value('limits.wallSeconds'),
      memoryBytes: value('limits.memoryMb') * MB,
      outputBytes: value('limits.outputMb') * MB,
    },
    reviewOnFinish: value('reviewOnFinish'),
  };
}
