import { statSync } from 'node:fs';
import { openPromise } from 'yauzl';
import type { Figure } from '../figure.ts';
import { packagedExtension } from '../packaged.ts';
import type { Row } from '../row.ts';

/** What the editor reads at every start, as the package holds it. */
const ENTRY = 'extension/dist/extension.cjs';

/** What is downloaded, and what is read before anything works. */
export const sizes: Row = {
  name: 'sizes',
  rounds: 1,
  async measure() {
    const vsix = packagedExtension();
    return [
      figure('entry bundle, minified as packaged', 'kB', (await sizeWithin(vsix, ENTRY)) / 1e3, 150),
      figure('VSIX of this platform', 'MB', statSync(vsix).size / 1e6, 3),
    ];
  },
};

async function sizeWithin(zip: string, name: string): Promise<number> {
  for await (const { fileName, uncompressedSize } of (await openPromise(zip)).eachEntry()) {
    if (fileName === name) return uncompressedSize;
  }
  throw new Error(`${zip} has no ${name}`);
}

const figure = (name: string, unit: Figure['unit'], size: number, most: number): Figure => ({
  name,
  unit,
  ours: [size],
  reach: { of: 'largest', bound: '≤', value: most },
});
