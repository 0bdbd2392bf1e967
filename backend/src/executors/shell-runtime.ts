import { realpath } from 'node:fs/promises';
import { ask } from './ask.ts';
import { beyondSystem } from './prefix.ts';
import type { Runtime } from './runtime.ts';

/** Bash, which is of the system. */
export const shellRuntime: Runtime = {
  async inspect(path) {
    const version = await ask(path, ['-c', 'echo "$BASH_VERSION"']);
    if (version === '') throw new Error('it is not bash');
    return { path, version: `Bash ${version}`, readOnly: beyondSystem([await realpath(path)]), env: {} };
  },
};
