import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, absolute. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/**
 * The folder that keeps large installs between runs and between clones, absolute. It may not exist yet.
 * Relative values of XDG_CACHE_HOME are ignored, as its specification asks.
 */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'offload-dev');
}

/** Prints one line about what a script does. */
export function say(line) {
  console.log(`offload: ${line}`);
}

/** A failure whose message is all that its reader needs: what, why and what to do. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** This machine cannot have what is set up, and nothing is wrong with that: another system, rights that it lacks. */
export class Unfit extends SetupError {
  name = 'Unfit';
}
