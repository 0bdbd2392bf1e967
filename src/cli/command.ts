import type { Sandbox } from '../core/sandbox.ts';

/** One command of the command line. */
export interface Command {
  name: string;
  /** One line for the overview. */
  summary: string;
  help: string;
  /** Gives the exit code. @throws Usage or OffloadError, which are reported in one place */
  run(argv: string[], sandbox: Sandbox): Promise<number>;
}
