import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Profile {
  /** The folder that all of it is in. Its path is short: unix sockets lie below it. */
  folder: string;
  userData: string;
  extensions: string;
}

export type Settings = Record<string, unknown>;

/** A throw-away user-data folder with settings that keep the workbench quiet, and those given on top. */
export function freshProfile(settings: Settings): Profile {
  const folder = mkdtempSync(join(tmpdir(), 'vs-'));
  const profile = { folder, userData: join(folder, 'user'), extensions: join(folder, 'ext') };
  mkdirSync(profile.extensions);
  const all = JSON.stringify({ ...quietSettings, ...settings }, null, 2);
  // Those of machine scope count in the second alone.
  for (const scope of ['User', 'Machine']) {
    mkdirSync(join(profile.userData, scope), { recursive: true });
    writeFileSync(join(profile.userData, scope, 'settings.json'), all);
  }
  return profile;
}

const quietSettings: Settings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  // As in the desktop's; in a browser it would save after a second.
  'files.autoSave': 'off',
  // Text that the page holds as text, so that tests can read it.
  'terminal.integrated.gpuAcceleration': 'off',
};
