import { resolve } from 'node:path';
import { locateAgent } from '../core/agents/find-agent.ts';

/**
 * The host's program of an agent; undefined where there is none.
 * @param chosen the path that the user gives; the first on PATH without one
 * @throws OffloadError `no-agent` where the chosen one is no program of it
 */
export async function agentProgram(id: string, chosen: string | undefined): Promise<string | undefined> {
  const setting = chosen === undefined ? undefined : resolve(chosen);
  return (await locateAgent(id, { setting, path: process.env['PATH'] }))?.program;
}
