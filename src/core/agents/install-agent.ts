import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OffloadError } from '../../protocol/error.ts';
import { catalogAgent } from './catalog.ts';
import { installedProgram, installFolder, programIn } from './find-agent.ts';

/** Lines of npm's that an error tells. */
const TOLD_LINES = 5;

export interface InstallOptions {
  /** The folder that agents are installed into. */
  storage: string;
  /** npm's program. */
  npm?: string;
  env?: NodeJS.ProcessEnv;
  /** Told of each line that npm says. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Installs an agent by the user's own npm, with the user's own registry and proxy, once the user has agreed to its
 * licence and size. No script of the package runs. What is half made is never taken for good: it is made beside its place.
 * @returns the program's path
 * @throws OffloadError `no-agent` with what npm said; the signal's reason
 */
export async function installAgent(id: string, options: InstallOptions): Promise<string> {
  const agent = catalogAgent(id);
  const { storage, signal } = options;
  const there = await installedProgram(agent, storage);
  if (there !== undefined) return there;
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const making = await mkdtemp(join(storage, `.${id}-`));
  try {
    await writeFile(join(making, 'package.json'), '{"private":true}\n');
    await npmInstall(`${agent.package.name}@${agent.package.version}`, making, options);
    if ((await programIn(agent, making)) === undefined) {
      throw new OffloadError('no-agent', `${agent.name} has no program for this platform.`, {
        fix: `It is not offered for ${process.platform} on ${process.arch}.`,
      });
    }
    signal?.throwIfAborted();
    await rename(making, installFolder(agent, storage)).catch(async (error: unknown) => {
      // Another window was first.
      if ((await installedProgram(agent, storage)) === undefined) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  const program = await installedProgram(agent, storage);
  if (program === undefined)
    throw new OffloadError('no-agent', `${agent.name} could not be put into its place.`);
  return program;
}

async function npmInstall(
  what: string,
  folder: string,
  { npm = 'npm', env = process.env, onLine, signal }: InstallOptions,
): Promise<void> {
  const args = [
    'install',
    what,
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-save',
  ];
  const child = spawn(npm, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    ...(signal === undefined ? {} : { signal }),
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      onLine?.(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new OffloadError('no-agent', 'npm cannot be started, which installs agents.', {
      fix: 'Install Node.js with npm, or install the agent yourself and set its path.',
      cause,
    });
  });
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new OffloadError('no-agent', `npm could not install ${what}: ${said.slice(-TOLD_LINES).join(' ')}`, {
    fix: 'Look at what npm said, or install the agent yourself and set its path.',
  });
}
