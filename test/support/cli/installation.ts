import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endProcessesOf } from '../../../scripts/setup/processes.mjs';
import { dist, shortFolder } from '../target/local-target.ts';
import { boxProcesses } from '../target/processes.ts';
import { start, type Ended, type Started, type StartOptions } from './started.ts';

export interface CliOptions extends Pick<StartOptions, 'input' | 'stdio'> {
  /** The Node to run on instead of the tests' own. */
  node?: string;
  /** A folder below the working folder to start in. */
  from?: string;
}

/** The built CLI with a home, a backend and a working folder of its own. */
export interface Installation {
  /** Everything of it lies in here. */
  folder: string;
  /** The working folder. */
  work: string;
  /** The built program. */
  cli: string;
  env: NodeJS.ProcessEnv;
  /** Writes a file to the working folder and gives its name there. */
  file(name: string, content: string | Buffer): string;
  start(args: string[], options?: CliOptions): Started;
  /** Runs a command line to its end. */
  run(args: string[], options?: CliOptions): Promise<Ended>;
  remove(): Promise<void>;
}

/** @param prepare changes the copy of the backend before its server starts */
export function installCli(prepare?: (backend: string) => void): Installation {
  const folder = shortFolder('c-');
  chmodSync(folder, 0o711);
  cpSync(dist, join(folder, 'd'), { recursive: true, filter: (path) => !/\.map$|extension/.test(path) });
  prepare?.(join(folder, 'd', 'backend'));
  const own = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { mode: 0o700 });
    return path;
  };
  const env = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: own('h'),
    XDG_RUNTIME_DIR: own('r'),
    XDG_STATE_HOME: own('s'),
  };
  const [work, cli] = [own('w'), join(folder, 'd', 'cli.js')];
  const startCli = (args: string[], { node = process.execPath, from = '.', ...options }: CliOptions = {}) =>
    start(node, [cli, ...args], { ...options, env, cwd: join(work, from) });
  return {
    folder,
    work,
    cli,
    env,
    file: (name, content) => {
      mkdirSync(dirname(join(work, name)), { recursive: true });
      writeFileSync(join(work, name), content);
      return name;
    },
    start: startCli,
    run: async (args, options) => startCli(args, options).ended,
    remove: async () => {
      const left = await boxProcesses(folder);
      await endProcessesOf(folder);
      rmSync(folder, { recursive: true, force: true });
      assert.deepEqual(left, [], 'besides the server, processes were left behind');
    },
  };
}

/** The CLI of a suite: installed before its first test, removed after its last one. */
export function installation(prepare?: (backend: string) => void): () => Installation {
  let installed: Installation | undefined;
  before(() => {
    installed = installCli(prepare);
  });
  after(async () => {
    await installed?.remove();
    installed = undefined;
  });
  return () => {
    assert(installed, 'The CLI is there in tests and hooks only.');
    return installed;
  };
}
