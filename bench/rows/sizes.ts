import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openPromise } from 'yauzl';
import type { Figure } from '../figure.ts';
import { packagedExtension } from '../packaged.ts';
import type { Row } from '../row.ts';

/** The folder of what the editor reads, in the package, and what of it is read at every start. */
const DIST = 'extension/dist/';
const ENTRY = 'extension.cjs';

/** What is downloaded, and what is read before anything works. */
export const sizes: Row = {
  name: 'sizes',
  rounds: 1,
  async measure() {
    const vsix = packagedExtension();
    return [
      figure(
        'entry bundle and what it requires, minified as packaged',
        'kB',
        (await startSize(vsix)) / 1e3,
        150,
      ),
      figure('VSIX of this platform', 'MB', statSync(vsix).size / 1e6, 3),
    ];
  },
};

/** Bytes of the entry and of all that it requires by the time it is loaded. */
async function startSize(vsix: string): Promise<number> {
  const texts = new Map<string, string>();
  const zip = await openPromise(vsix);
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.startsWith(DIST) || !entry.fileName.endsWith('.cjs')) continue;
    texts.set(entry.fileName.slice(DIST.length), await text(await zip.openReadStreamPromise(entry, {})));
  }
  const required = new Set([ENTRY]);
  let bytes = 0;
  for (const name of required) {
    const source = texts.get(name);
    if (source === undefined) throw new Error(`${vsix} has no ${name}`);
    bytes += Buffer.byteLength(source);
    for (const [, other = ''] of source.matchAll(/(?<!=>[^,;{}]{0,40})require\("(\.[^"]+)"\)/g))
      required.add(join(dirname(name), other));
  }
  return bytes;
}

const figure = (name: string, unit: Figure['unit'], size: number, most: number): Figure => ({
  name,
  unit,
  ours: [size],
  reach: { of: 'largest', bound: '≤', value: most },
});
