import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built backend, which lies beside the built CLI. */
export const backendFolder = (): string => join(entryFolder(), 'backend');

/** The built program that looks for secrets, which lies there too. */
export const secretScanner = (): string => join(entryFolder(), 'secret-scanner.mjs');

/** The folder of the program that was started: the bundle's, wherever the bundler put this module. */
const entryFolder = (): string =>
  dirname(fileURLToPath(new URL(import.meta.url).href.replace(/\/chunks\/[^/]+$/, '/cli.js')));
