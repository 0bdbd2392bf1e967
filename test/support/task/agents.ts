import { inContainers } from '../lambda/environments.ts';
import { skip } from '../reporting/skip.ts';

/** The program of an agent that the test command has installed; skips where it is not there. */
export function agentProgram(
  test: Mocha.Context,
  variable: 'OFFLOAD_TEST_CLAUDE' | 'OFFLOAD_TEST_OPENCODE',
): string {
  const program = process.env[variable];
  if (program !== undefined) return program;
  skip(test, process.env['OFFLOAD_TEST_NO_AGENTS'] ?? `${variable} is not set`);
}

/** What tells a deployed runner where Claude Code is; nothing where it is the image's own. Skips where there is none. */
export const runnerAgent = (test: Mocha.Context): Record<string, string> =>
  inContainers() ? {} : { OFFLOAD_AGENT_PROGRAM: agentProgram(test, 'OFFLOAD_TEST_CLAUDE') };
