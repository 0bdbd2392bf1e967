import * as vscode from 'vscode';
import { parseAwsSettings, type AwsSettings } from './aws-settings.ts';
import { SECTION } from './setting.ts';
import { parseSettings, type Settings } from './settings.ts';
import { parseTaskSettings, type TaskSettings } from './task-settings.ts';

/** The settings as they are now. @throws SettingError naming one that is wrong */
export const readSettings = (): Settings => parseSettings(reader());

/** The settings of tasks as they are now. @throws SettingError naming one that is wrong */
export const readTaskSettings = (): TaskSettings => parseTaskSettings(reader());

/** The settings of the backend in AWS as they are now. @throws SettingError naming one that is wrong */
export const readAwsSettings = (): AwsSettings => parseAwsSettings(reader());

function reader(): (name: string) => unknown {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return (name) => configuration.get<unknown>(name);
}
