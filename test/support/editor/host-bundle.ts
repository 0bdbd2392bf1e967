import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

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
    plugins: [placesOfFiles],
    external: ['vscode', 'mocha/lib/mocha.cjs'],
    logLevel: 'error',
  });
}

/** Files of ours find others by where they lie, which a bundle does not know. */
const placesOfFiles: Plugin = {
  name: 'places of files',
  setup: (bundle) => {
    bundle.onLoad({ filter: /\.m?[jt]s$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const place = JSON.stringify(pathToFileURL(path).href);
      const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', place);
      return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' };
    });
  },
};
