import { Interrupted, endRunning } from './command.mjs';
import { SetupError } from './project.mjs';

/**
 * Runs a script: the number that `body` gives is the exit code. A SetupError is printed as one line and ends with
 * 1, a wrong argument with 2, an interruption with 130; any other error is printed with its stack. What still runs when
 * it has ended is ended.
 */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (error instanceof Interrupted) {
      process.exitCode = 130;
      return;
    }
    if (error.code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`offload: ${error.message.split('. ')[0]}; --help tells what there is`);
      process.exitCode = 2;
      return;
    }
    console.error(error instanceof SetupError ? `offload: ${error.message}` : error);
    process.exitCode = 1;
  } finally {
    endRunning();
  }
}
