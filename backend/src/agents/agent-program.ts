import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { OffloadError } from '../../../src/protocol/error.ts';

/**
 * The file of an agent's program, links resolved.
 * @param name the agent's, for people
 * @param fix what to do where it is not there
 * @throws OffloadError `no-agent`
 */
export function agentProgram(path: string | undefined, name: string, fix: string): string {
  try {
    if (path === undefined) throw new Error('its path is not given');
    const program = realpathSync(path);
    if (!statSync(program).isFile()) throw new Error('it is no file');
    accessSync(program, constants.X_OK);
    return program;
  } catch (cause) {
    const where = path === undefined ? '' : ` at ${path}`;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OffloadError('no-agent', `There is no ${name}${where}: ${why}.`, { fix, cause });
  }
}
