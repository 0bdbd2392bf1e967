import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';

/** The programs of agents, by the agent's id, as their own installers name them. */
const PROGRAMS: Readonly<Record<string, string>> = { 'claude-code': 'claude', opencode: 'opencode' };

/**
 * The host's program of an agent: the chosen one, else the first on PATH; undefined where there is none, or the agent is
 * not known here.
 * @throws OffloadError `no-agent` where the chosen one is no program
 */
export async function findAgentProgram(
  agent: string,
  env: NodeJS.ProcessEnv,
  chosen?: string,
): Promise<string | undefined> {
  if (chosen !== undefined) {
    if (isAbsolute(chosen) && (await isProgram(chosen))) return chosen;
    throw new OffloadError('no-agent', `${chosen} is not a program that can be run.`, {
      fix: "Give the absolute path of the agent's program.",
    });
  }
  const name = Object.hasOwn(PROGRAMS, agent) ? PROGRAMS[agent] : undefined;
  if (name === undefined) return undefined;
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
