import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OffloadError } from '../../protocol/error.ts';
import { errnoOf } from '../errno.ts';
import { killTree } from '../kill-tree.ts';
import { catalogAgent, type CatalogAgent } from './catalog.ts';
import { installedProgram, installFolder, programIn } from './find-agent.ts';
import { thisPlatform } from './platform.ts';

/** Lines of npm's that an error tells. */
const TOLD_LINES = 5;

/** What npm warns of, and calls done, when a file could not be unpacked whole: on a full disk, say. */
const NOT_UNPACKED = /\bTAR_ENTRY_ERROR\b/;

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
 * @throws OffloadError `no-agent` with what npm or the system said; the signal's reason, when npm has ended
 */
export async function installAgent(id: string, options: InstallOptions): Promise<string> {
  const agent = catalogAgent(id);
  try {
    return (await installedProgram(agent, options.storage)) ?? (await install(agent, options));
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === undefined) throw cause;
    throw new OffloadError('no-agent', `${agent.name} cannot be put into ${options.storage}: ${errno}.`, {
      fix: 'Let that folder be written to, and have room, or install the agent yourself and set its path.',
      cause,
    });
  }
}

async function install(agent: CatalogAgent, options: InstallOptions): Promise<string> {
  const { storage, signal } = options;
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const making = await mkdtemp(join(storage, `.${agent.id}-`));
  try {
    await writeFile(join(making, 'package.json'), '{"private":true}\n');
    const what = `${agent.packages(thisPlatform())[0]}@${agent.version}`;
    await npmInstall(what, making, options);
    if ((await programIn(agent, making)) === undefined)
      throw new OffloadError('no-agent', `npm has installed ${what}, and the program is not in it.`);
    signal?.throwIfAborted();
    await putInPlace(agent, making, storage);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  const program = await installedProgram(agent, storage);
  if (program !== undefined) return program;
  throw new OffloadError('no-agent', `${agent.name} could not be put into its place.`);
}

async function putInPlace(agent: CatalogAgent, making: string, storage: string): Promise<void> {
  const folder = installFolder(agent, storage);
  await rename(making, folder).catch(async () => {
    // Another window was first.
    if ((await installedProgram(agent, storage)) !== undefined) return;
    // What is there has lost its program.
    await rm(folder, { recursive: true, force: true });
    await rename(making, folder);
  });
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
    // Its warnings tell whether all is there.
    '--loglevel=notice',
  ];
  signal?.throwIfAborted();
  const child = spawn(npm, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    // A session of its own, by which all that belongs to it is found.
    detached: process.platform !== 'win32',
  });
  // Whatever it is in the midst of goes with its folder.
  const end = (): void => {
    if (child.pid !== undefined) killTree(child.pid);
  };
  signal?.addEventListener('abort', end);
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
  })
    .catch((cause: unknown) => {
      throw new OffloadError('no-agent', 'npm cannot be started, which installs agents.', {
        fix: 'Install Node.js with npm, or install the agent yourself and set its path.',
        cause,
      });
    })
    .finally(() => signal?.removeEventListener('abort', end));
  signal?.throwIfAborted();
  const broken = said.filter((line) => NOT_UNPACKED.test(line));
  if (code === 0 && broken.length === 0) return;
  const told = toldOf(broken.length > 0 ? broken : said);
  throw new OffloadError('no-agent', `npm could not install ${what}: ${told}`, {
    fix: 'Look at what npm said, or install the agent yourself and set its path.',
  });
}

/** What npm says of an error comes first, and how it can be looked into further comes last. */
function toldOf(said: readonly string[]): string {
  const errors = said.flatMap((line) => /^npm (?:error|ERR!) (.*\S)/.exec(line)?.[1] ?? []);
  return (errors.length > 0 ? errors.slice(0, TOLD_LINES) : said.slice(-TOLD_LINES)).join(' ');
}
