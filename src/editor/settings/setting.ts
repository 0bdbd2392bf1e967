import * as z from 'zod/mini';
import { why } from '../../protocol/decode.ts';
import { OffloadError } from '../../protocol/error.ts';

/** The section that all settings are in. */
export const SECTION = 'offload';

/** What a setting may be, and what it is when it is not set. */
interface Setting {
  schema: z.ZodMiniType;
  default: unknown;
}

/** Settings by their names in the section. */
export type SettingTable = Readonly<Record<string, Setting>>;

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

/** Gives a setting's value by its name in the section; undefined where it is not set. */
export type ReadSetting = (name: string) => unknown;

/**
 * Gives checked values of the settings of a table.
 * @throws SettingError naming one that is wrong
 */
export function checkedSettings<Table extends SettingTable>(table: Table, read: ReadSetting) {
  return <Name extends keyof Table & string>(name: Name): z.infer<Table[Name]['schema']> => {
    const { schema, default: fallback } = table[name] as Table[Name];
    const set = read(name);
    const result = z.safeParse(schema, set === undefined ? fallback : set);
    if (result.success) return result.data as z.infer<Table[Name]['schema']>;
    throw new SettingError(`${SECTION}.${name}`, why(result.error));
  };
}
