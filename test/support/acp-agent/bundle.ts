import { build } from 'esbuild';
import { SCRIPTED_AGENT } from './scenario.ts';

/** Writes the scripted agent as one file, which needs nothing else of the host; its argument is a scenario as JSON. */
export async function bundleAgent(outfile: string): Promise<void> {
  await build({ entryPoints: [SCRIPTED_AGENT], outfile, bundle: true, platform: 'node', format: 'esm' });
}
