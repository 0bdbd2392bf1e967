import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The script whose `run` the extension host calls, once `bundleHostTests` has made it. */
export const hostEntry = (folder: string) => join(folder, 'index.cjs');

/** The bundle of a test file. */
export const hostTest = (folder: string, file: string) =>
  join(folder, basename(file).replace(/\.ts$/, '.cjs'));

/** Bundles test files and the script that runs them into a folder, in the form that extension hosts load. */
export async function bundleHostTests(files: string[], folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: [
      { in: fileURLToPath(new URL('../../host/index.ts', import.meta.url)), out: 'index' },
      ...files.map((file) => ({ in: file, out: basename(file).replace(/\.ts$/, '') })),
    ],
    outdir: folder,
    bundle: true,
    splitting: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    sourcemap: 'inline',
    sourcesContent: false,
    // One mocha for all bundles, and in the form that `require` gives whole.
    alias: { mocha: 'mocha/lib/mocha.cjs' },
    external: ['vscode', 'mocha/lib/mocha.cjs'],
    logLevel: 'error',
  });
}
