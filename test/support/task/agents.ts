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
