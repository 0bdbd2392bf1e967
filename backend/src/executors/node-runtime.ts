import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { ask } from './ask.ts';
import { beyondSystem, isSafePrefix } from './prefix.ts';
import type { Interpreter, Runtime } from './runtime.ts';

/** Type stripping is on by itself from these versions on (nodejs.org/api/typescript.html). */
const STRIPS_TYPES = [
  [22, 18],
  [23, 6],
] as const;

const answerSchema = z.tuple([z.string(), z.string()]);

function parseAnswer(text: string): [executable: string, version: string] {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error('it does not answer as Node does', { cause });
  }
}

/** JavaScript and TypeScript, by Node. */
export const nodeRuntime: Runtime = {
  async inspect(path) {
    const [executable, version] = parseAnswer(
      await ask(path, ['-p', 'JSON.stringify([process.execPath, process.version])']),
    );
    const real = await realpath(executable);
    const prefix = dirname(dirname(real));
    // The binary is enough for itself; its prefix also has libraries that some builds need.
    const needed = beyondSystem([isSafePrefix(prefix) ? prefix : real]);
    return { path: real, version: `Node ${version}`, readOnly: needed, env: { NO_UPDATE_NOTIFIER: '1' } };
  },

  lacks(interpreter, language) {
    if (language.id !== 'typescript' || stripsTypes(interpreter)) return undefined;
    return `${interpreter.version} does not run TypeScript; Node 22.18 or later does`;
  },

  /** The Node that runs the backend, where it is one and not an editor that can act as one. */
  own: () => (process.versions['electron'] === undefined ? process.execPath : undefined),
};

function stripsTypes({ version }: Interpreter): boolean {
  const [major = 0, minor = 0] = version.replace('Node v', '').split('.').map(Number);
  return major > 23 || STRIPS_TYPES.some(([from, least]) => major === from && minor >= least);
}
