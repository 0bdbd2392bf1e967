import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localSandbox } from '../core/local/local-sandbox.ts';
import type { Sandbox } from '../core/sandbox.ts';

/** The sandbox of this machine, with the backend that lies beside the built CLI. */
export const openLocalSandbox = (): Sandbox =>
  localSandbox({ backendFolder: join(entryFolder(), 'backend') });

/** The folder of the program that was started: the bundle's, wherever the bundler put this module. */
const entryFolder = (): string =>
  dirname(fileURLToPath(new URL(import.meta.url).href.replace(/\/chunks\/[^/]+$/, '/cli.js')));
