import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Tier {
  name: string;
  /** The script that runs the tier's files in a process of its own and writes the results file. */
  script: string;
  /** What that script is told besides the results file and the tests. */
  args: string[];
  /** The test files, absolute, in the order of their names. */
  files: string[];
}

const inNode = fileURLToPath(new URL('mocha-tier.ts', import.meta.url));
const inEditor = fileURLToPath(new URL('../editor/host-tier.ts', import.meta.url));

const table = [
  { name: 'unit', folder: 'unit', script: inNode, args: [] },
  { name: 'contract', folder: 'contract', script: inNode, args: [] },
  { name: 'e2e', folder: 'e2e', script: inNode, args: [] },
  { name: 'host', folder: 'host', script: inEditor, args: [] },
  // The same tests in another editor, only when asked for by name.
  { name: 'desktop', folder: 'host', script: inEditor, args: ['--desktop'], byNameOnly: true },
  // Costs money.
  { name: 'live', folder: 'live', script: inNode, args: [], byNameOnly: true },
  // Costs money, and needs what `npm run test:aws` deploys.
  { name: 'aws', folder: 'aws', script: inNode, args: [], byNameOnly: true },
];

/** The names of all tiers, in the order in which they run. */
export const tierNames = table.map((tier) => tier.name);

/** The named tiers of the project in `root`; those that need not be asked for when no name is given. */
export function tiers(root: string, names: string[]): Tier[] {
  return table
    .filter(({ name, byNameOnly }) => (names.length === 0 ? byNameOnly !== true : names.includes(name)))
    .map(({ name, folder, script, args }) => ({
      name,
      script,
      args,
      files: globSync(`test/${folder}/**/*.test.ts`, { cwd: root })
        .sort()
        .map((file) => join(root, file)),
    }));
}
