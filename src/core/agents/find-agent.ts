import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, open, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { OffloadError } from '../../protocol/error.ts';
import { AGENTS, catalogAgent, type CatalogAgent } from './catalog.ts';
import { thisPlatform } from './platform.ts';

const run = promisify(execFile);

/** Milliseconds in which a program says its version. */
const VERSION_TIMEOUT = 15_000;

/** Where an agent's program is looked for, in this order. */
export interface AgentSources {
  /** The path that the user has set. */
  setting?: string | undefined;
  /** The PATH of the user's environment. */
  path?: string | undefined;
  /** The folder that agents are installed into. */
  storage?: string | undefined;
}

export interface FoundAgent {
  id: string;
  /** The platform's own program, links and shims resolved. */
  program: string;
  from: keyof AgentSources;
  /** What it says of its version. */
  version: string;
}

type Located = Pick<FoundAgent, 'program' | 'from'>;

/**
 * The program of an agent on this machine, with its version; undefined where there is none.
 * @throws OffloadError `no-agent` for a path that the user has set and that is no such program, or for one that was found
 * and does not run
 */
export async function findAgent(id: string, sources: AgentSources): Promise<FoundAgent | undefined> {
  const agent = catalogAgent(id);
  const located = await locateAgent(id, sources);
  return located === undefined
    ? undefined
    : { id, ...located, version: await versionOf(agent, located.program) };
}

/**
 * The same without its version, which takes as long as the program does to start. An agent that the catalog does not have
 * is where the user says.
 * @throws OffloadError `no-agent` for a path that the user has set and that is no such program
 */
export async function locateAgent(id: string, sources: AgentSources): Promise<Located | undefined> {
  const agent = AGENTS.find((each) => each.id === id);
  const { setting, path = '', storage } = sources;
  if (setting !== undefined && setting !== '') {
    const program = isAbsolute(setting) ? await chosenProgram(agent, setting) : undefined;
    if (program !== undefined) return { program, from: 'setting' };
    throw new OffloadError('no-agent', `${setting} is not a program of ${agent?.name ?? 'an agent'}.`, {
      fix: 'Give the absolute path of its program, or none.',
    });
  }
  if (agent === undefined) return undefined;
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    for (const name of agent.programs) {
      const program = await ownProgram(agent, join(folder, executable(name)));
      if (program !== undefined) return { program, from: 'path' };
    }
  }
  const program = storage === undefined ? undefined : await installedProgram(agent, storage);
  return program === undefined ? undefined : { program, from: 'storage' };
}

/** The folder of an agent's version in the storage. */
export const installFolder = ({ id, version }: CatalogAgent, storage: string): string =>
  join(storage, `${id}-${version}`);

/** The program of an agent that was installed whole. */
export const installedProgram = (agent: CatalogAgent, storage: string): Promise<string | undefined> =>
  programIn(agent, installFolder(agent, storage));

/** The platform's own program in a folder that npm has installed one of its packages into. */
export async function programIn(agent: CatalogAgent, folder: string): Promise<string | undefined> {
  for (const name of agent.packages(thisPlatform())) {
    const program = join(folder, 'node_modules', name, executable(agent.place));
    if (await isProgram(program)) return await realpath(program);
  }
  return undefined;
}

const executable = (path: string): string => (process.platform === 'win32' ? `${path}.exe` : path);

/**
 * What a path leads to, where that is a program of the platform itself. A package's script for Node leads to the program
 * that came beside it, since the script needs more of the host than a box has.
 */
async function ownProgram(agent: CatalogAgent, path: string): Promise<string | undefined> {
  if (!(await isProgram(path))) return undefined;
  const program = await realpath(path);
  if (!(await isScript(program))) return program;
  for (let folder = dirname(program); folder !== dirname(folder); folder = dirname(folder)) {
    const beside = await programIn(agent, folder);
    if (beside !== undefined) return beside;
  }
  return undefined;
}

async function chosenProgram(agent: CatalogAgent | undefined, path: string): Promise<string | undefined> {
  if (agent !== undefined) return await ownProgram(agent, path);
  return (await isProgram(path)) ? path : undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}

async function versionOf({ name }: CatalogAgent, program: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'offload-agent-'));
  try {
    // Neither its user's settings nor its user's keys are its own version's business.
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, TMPDIR: home };
    const { stdout } = await run(program, ['--version'], { env, timeout: VERSION_TIMEOUT, cwd: home });
    return stdout.trim().split('\n', 1)[0] ?? '';
  } catch (cause) {
    const illegal = cause instanceof Error && 'signal' in cause && cause.signal === 'SIGILL';
    const why = illegal ? ': it needs instructions that this processor does not have' : '';
    throw new OffloadError('no-agent', `${program} does not run as ${name}${why}.`, {
      fix: illegal
        ? 'Set the path of a build for older processors.'
        : 'Install it again, or set the path of another one.',
      cause,
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
