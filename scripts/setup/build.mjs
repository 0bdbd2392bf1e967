import { join } from 'node:path';
import { run } from './command.mjs';
import { SetupError, root } from './project.mjs';

/** Makes `dist`; with `--minify`, as it is shipped. */
export const build = (...args) => script('build.mjs', args);

/** Packages the extension as it is shipped, into a VSIX file. */
export const packageExtension = (file) => script('package.mjs', ['--out', file]);

async function script(name, args) {
  const code = await run(process.execPath, [join(root, 'scripts', name), ...args], { cwd: root });
  if (code !== 0) throw new SetupError(`scripts/${name} failed with exit code ${code}; its message is above`);
}
