import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findSecrets } from '../../src/core/workspace/find-secrets.ts';
import type { TakenSnapshot } from '../../src/core/workspace/taken-snapshot.ts';
import { repeated } from '../interleaved.ts';
import { CannotRun, type Row } from '../row.ts';
import { timed, TREE, WorkspaceBench } from '../workspace-bench.ts';

/** As it ships: what it loads is a part of what a search takes. */
const scanner = fileURLToPath(new URL('../../dist/secret-scanner.mjs', import.meta.url));

/** What it takes to look for secrets in a workspace before it is sent for the first time, and again. */
export const secretScan: Row = {
  name: 'secret-scan',
  rounds: 5,
  async measure({ folder, rounds }) {
    if (!existsSync(scanner))
      throw new CannotRun('there is no dist/secret-scanner.mjs; npm run build makes it');
    const bench = await WorkspaceBench.make(folder);
    const scan = async (taken: TakenSnapshot): Promise<void> => {
      const [found] = await findSecrets(taken, { scanner, cacheFolder: bench.cache });
      if (found) throw new Error(`${found.path} looks like a secret`);
    };
    const first = await repeated({ counted: Math.min(rounds, 3), warmUp: 0 }, async () => {
      bench.forget();
      const taken = await bench.take();
      return timed(() => scan(taken));
    });
    const next = await repeated({ counted: 2 * rounds, warmUp: 2 }, async () => {
      bench.changeOne();
      const taken = await bench.take();
      return timed(() => scan(taken));
    });
    return [
      {
        name: `first search for secrets in ${TREE} of text`,
        unit: 'ms',
        ours: first,
        reach: { of: 'p50', bound: '≤', value: 20_000 },
      },
      {
        name: 'search for secrets after one changed file',
        unit: 'ms',
        ours: next,
        reach: { of: 'p50', bound: '≤', value: 250 },
      },
    ];
  },
};
