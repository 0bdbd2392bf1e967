import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcessesOf } from '../../../../scripts/setup/processes.mjs';
import { openWorkbench } from '../../../support/editor/open-workbench.ts';
import type { Settings } from '../../../support/editor/profile.ts';
import { WAIT_LIMIT } from '../../../support/limits.ts';
import { installedExtension } from './packaged.ts';
import { OffloadWorkbench } from './offload-workbench.ts';

export interface SessionOptions {
  /** The files of the workspace by path. */
  files: Record<string, string>;
  /** Files of the state folder by path: what this machine remembers. */
  state?: Record<string, string>;
  settings?: Settings;
  trust?: boolean;
  /** Variables of the editor. */
  env?: Record<string, string>;
}

/** A user at a workbench with Offload installed, and their folder. */
export interface Session {
  workbench: OffloadWorkbench;
  /** A file of the user's folder; undefined where there is none. */
  read(path: string): string | undefined;
  write(path: string, content: string): void;
  close(): Promise<void>;
}

/** Opens a workbench of its own, with a backend of its own. */
export async function openSession(options: SessionOptions): Promise<Session> {
  // Everything that is begun for it knows this folder, by which it is found at the end. Short, for the sake of sockets.
  const home = mkdtempSync(join(tmpdir(), 's-'));
  const workspace = join(home, 'project');
  const inside = (name: string) => {
    mkdirSync(join(home, name), { mode: 0o700, recursive: true });
    return join(home, name);
  };
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  };
  for (const [path, content] of Object.entries(options.files)) write(path, content);
  for (const [path, content] of Object.entries(options.state ?? {})) {
    writeFileSync(join(inside(join('state', dirname(path))), basename(path)), content);
  }
  const opened = await openWorkbench({
    workspace,
    extensions: await installedExtension(),
    settings: { 'terminal.integrated.tabs.enabled': true, ...options.settings },
    trust: options.trust === true,
    env: { XDG_RUNTIME_DIR: inside('run'), XDG_STATE_HOME: inside('state'), ...options.env },
  });
  return {
    workbench: new OffloadWorkbench(opened.workbench.page),
    write,
    read: (path) => {
      try {
        return readFileSync(join(workspace, path), 'utf8');
      } catch {
        return undefined;
      }
    },
    close: async () => {
      await opened.close();
      await endProcessesOf(home);
    },
  };
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + WAIT_LIMIT;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`Never came: ${condition.toString()}`);
    await sleep(100);
  }
}

/** Keeps what was on the screen when a test failed. */
export async function pictureOfFailure(context: Mocha.Context, session: Session): Promise<void> {
  const test = context.currentTest;
  if (test?.state !== 'failed') return;
  await session.workbench.screenshot(
    `failed-${test
      .fullTitle()
      .replace(/[^a-z0-9]+/gi, '-')
      .slice(0, 80)}`,
  );
}
