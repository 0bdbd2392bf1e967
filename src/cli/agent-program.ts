import { resolve } from 'node:path';
import { AGENTS } from '../core/agents/catalog.ts';
import { locateAgent } from '../core/agents/find-agent.ts';
import { OffloadError } from '../protocol/error.ts';

/**
 * The host's program of an agent; undefined where there is none.
 * @param chosen the path that the user gives; the first on PATH without one
 * @throws OffloadError `no-agent` where the chosen one is no program of it
 */
export async function agentProgram(id: string, chosen: string | undefined): Promise<string | undefined> {
  const setting = chosen === undefined ? undefined : resolve(chosen);
  return (await locateAgent(id, { setting, path: process.env['PATH'] }))?.program;
}

/**
 * The same for a task that is to be done now.
 * @throws OffloadError `no-agent` also where an agent that could be found is not there, before anything is sent
 */
export async function taskProgram(id: string, chosen: string | undefined): Promise<string | undefined> {
  const program = await agentProgram(id, chosen);
  const agent = AGENTS.find((each) => each.id === id);
  if (program !== undefined || agent === undefined) return program;
  throw new OffloadError('no-agent', `${agent.name} is not on PATH.`, {
    fix: 'Install it, name its program with --agent-program, or name another agent with --agent.',
  });
}
