import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WORKSPACE_FILE } from './browser.ts';
import type { Settings } from './profile.ts';

/**
 * What a test file of the host tier may ask of the editor that it runs in: `export const host: HostOptions` in
 * `NAME.options.ts` beside `NAME.test.ts`. Files without one share an editor with an empty workspace.
 */
export interface HostOptions {
  settings?: Settings;
  /** Whether the workspace is one that nobody has trusted yet. */
  untrusted?: boolean;
  /** The folder whose copy is opened, relative to the project; an empty one when it is left out. */
  workspace?: string;
  /** The name of that copy; `workspace` when it is left out. */
  workspaceName?: string;
  /** The names of folders, at first empty, that are opened together in place of one. */
  folders?: readonly string[];
}

/** Test files that run in one editor. */
export interface HostSuite {
  name: string;
  files: string[];
  options: HostOptions;
}

/** Groups the files of the host tier by the editor that they run in. */
export async function hostSuites(files: string[]): Promise<HostSuite[]> {
  const shared: HostSuite = { name: 'host', files: [], options: {} };
  const own: HostSuite[] = [];
  for (const file of files) {
    const optionsFile = file.replace(/\.test\.ts$/, '.options.ts');
    if (!existsSync(optionsFile)) {
      shared.files.push(file);
      continue;
    }
    const { host } = (await import(pathToFileURL(optionsFile).href)) as { host: HostOptions };
    own.push({ name: /([^/\\]+)\.test\.ts$/.exec(file)?.[1] ?? file, files: [file], options: host });
  }
  return [shared, ...own].filter((suite) => suite.files.length > 0);
}

/** A fresh copy of the suite's workspace, absolute: a folder, or the file of several. The test run removes it. */
export function freshWorkspace(root: string, options: HostOptions): string {
  if (options.folders !== undefined) return folderWorkspace(options.folders);
  const folder = join(mkdtempSync(join(tmpdir(), 'ws-')), options.workspaceName ?? 'workspace');
  if (options.workspace === undefined) mkdirSync(folder);
  else cpSync(join(root, options.workspace), folder, { recursive: true });
  return folder;
}

/** The file of a workspace of several folders, which lie beside it. */
function folderWorkspace(names: readonly string[]): string {
  const place = mkdtempSync(join(tmpdir(), 'ws-'));
  for (const name of names) mkdirSync(join(place, name));
  const file = join(place, `several${WORKSPACE_FILE}`);
  writeFileSync(file, JSON.stringify({ folders: names.map((path) => ({ path })) }));
  return file;
}
