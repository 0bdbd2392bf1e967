import type { Sandbox } from '../core/sandbox.ts';
import type { Place } from './target.ts';

/** One command of the command line. */
export interface Command {
  name: string;
  /** One line for the overview. */
  summary: string;
  help: string;
  /** Whether it goes to a target that the command line names; else to this machine. */
  atTarget?: true;
  /** Those of its arguments that are ours, for a command that passes the rest on; else all are. */
  own?(argv: string[]): string[];
  /** Gives the exit code. @throws Usage or OffloadError, which are reported in one place */
  run(argv: string[], sandbox: Sandbox, place: Place): Promise<number>;
}
