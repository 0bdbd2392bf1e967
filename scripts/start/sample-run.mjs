import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { machinePath, run } from '../setup/command.mjs';
import { SetupError, root, say } from '../setup/project.mjs';
import { ownPlaces } from './own-places.mjs';

/** Runs the sample through the command line, its output streaming to the terminal. Gives the program's exit code. */
export async function runSample(folder) {
  const cli = join(root, 'dist', 'cli.js');
  if (!existsSync(cli)) throw new SetupError('the build made no dist/cli.js');
  const program = join('media', 'samples', 'first-run', 'simulate.py');
  const out = join(folder, 'results');
  mkdirSync(out);
  say(`running ${program} in the sandbox`);
  return run(process.execPath, [cli, 'run', '--out', out, program], {
    cwd: root,
    env: { ...process.env, ...ownPlaces(folder), PATH: machinePath() },
  });
}
