import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Tier {
  name: string;
  /** The script that runs the tier's files in a process of its own and writes the results file. */
  script: string;
  /** What that script is told besides the results file and the tests. */
  args: string[];
  /** Added to its environment. */
  env: Record<string, string>;
  /** Whether it needs what is still being made when the tests begin: the backend's image, moto. */
  needsLater: boolean;
  /** The test files, absolute, in the order of their names. */
  files: string[];
}

const inNode = fileURLToPath(new URL('mocha-tier.ts', import.meta.url));
const inEditor = fileURLToPath(new URL('../editor/host-tier.ts', import.meta.url));

/**
 * What is tested of the deployed backend as processes, and again as what is deployed. Not what puts a network of its own
 * around a process (closed, vpc), sees what a program writes outside its workspace (first-event), has an agent for each
 * of its tests at once within the time of one function (long), or is the same in either (heartbeats).
 */
const deployed =
  'contract/lambda/{bounds,contents,deployed,doors,faults,hardships,role,store-faults,tasks}.test.ts';

interface Row extends Pick<Tier, 'name' | 'script' | 'args'> {
  /** Where its tests are, below `test`. */
  files: string[];
  env?: Record<string, string>;
  needsLater?: true;
  byNameOnly?: true;
}

const table: Row[] = [
  { name: 'unit', files: ['unit/**/*.test.ts'], script: inNode, args: [] },
  { name: 'contract', files: ['contract/**/*.test.ts'], script: inNode, args: [], needsLater: true },
  {
    name: 'image',
    files: ['image/**/*.test.ts', deployed],
    script: inNode,
    args: [],
    env: { OFFLOAD_TEST_ENVIRONMENTS: 'containers' },
    needsLater: true,
  },
  { name: 'e2e', files: ['e2e/**/*.test.ts'], script: inNode, args: [], needsLater: true },
  { name: 'host', files: ['host/**/*.test.ts'], script: inEditor, args: [] },
  // The same tests in another editor, only when asked for by name.
  { name: 'desktop', files: ['host/**/*.test.ts'], script: inEditor, args: ['--desktop'], byNameOnly: true },
  // Costs money.
  { name: 'live', files: ['live/**/*.test.ts'], script: inNode, args: [], byNameOnly: true },
  // Costs money, and needs what `npm run test:aws` deploys.
  { name: 'aws', files: ['aws/**/*.test.ts'], script: inNode, args: [], byNameOnly: true },
];

/** The names of all tiers, in the order in which they run. */
export const tierNames = table.map((tier) => tier.name);

/** The named tiers of the project in `root`; those that need not be asked for when no name is given. */
export function tiers(root: string, names: string[]): Tier[] {
  return table
    .filter(({ name, byNameOnly }) => (names.length === 0 ? byNameOnly !== true : names.includes(name)))
    .map(({ name, files, script, args, env = {}, needsLater = false }) => ({
      name,
      script,
      args,
      env,
      needsLater,
      files: globSync(
        files.map((pattern) => `test/${pattern}`),
        { cwd: root },
      )
        .sort()
        .map((file) => join(root, file)),
    }));
}
