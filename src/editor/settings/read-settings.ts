import * as vscode from 'vscode';
import { parseSettings, SECTION, type Settings } from './settings.ts';

/** The settings as they are now. @throws SettingError naming one that is wrong */
export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return parseSettings((name) => configuration.get<unknown>(name));
}
