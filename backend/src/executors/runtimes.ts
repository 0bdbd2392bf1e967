import type { Language } from '../../../src/protocol/languages.ts';
import { nodeRuntime } from './node-runtime.ts';
import { pythonRuntime } from './python-runtime.ts';
import type { Runtime } from './runtime.ts';
import { shellRuntime } from './shell-runtime.ts';

/** The runtime of each kind of interpreter that a language's row can name. */
export const RUNTIMES: Record<Language['runtime'], Runtime> = {
  python: pythonRuntime,
  node: nodeRuntime,
  shell: shellRuntime,
};
