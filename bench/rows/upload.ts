import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { upload } from '../../src/core/workspace/upload.ts';
import { interleaved, repeated } from '../interleaved.ts';
import { OffloadSide } from '../offload-side.ts';
import type { Row } from '../row.ts';
import { timed, TREE, WorkspaceBench } from '../workspace-bench.ts';

/** What it takes to bring a workspace to the local backend, and a change of it. */
export const uploading: Row = {
  name: 'upload',
  rounds: 5,
  async measure(options) {
    const { folder, rounds } = options;
    const { sandbox } = await OffloadSide.start(options);
    const bench = await WorkspaceBench.make(folder);
    bench.forget();
    const copy = join(folder, 'copy');
    const first = await interleaved(
      { counted: rounds, warmUp: 1 },
      async () => {
        rmSync(join(folder, 'state', 'blobs'), { recursive: true, force: true });
        const taken = await bench.take();
        return timed(() => upload(sandbox, taken));
      },
      async () => {
        rmSync(copy, { recursive: true, force: true });
        return timed(() => execFileSync('cp', ['-r', bench.tree, copy]));
      },
    );
    const next = await repeated({ counted: 2 * rounds, warmUp: 2 }, async () => {
      bench.changeOne();
      const taken = await bench.take();
      return timed(() => upload(sandbox, taken));
    });
    return [
      {
        name: `upload of ${TREE}`,
        unit: 'ms',
        ours: first.ours,
        beside: { name: 'cp -r', values: first.beside },
        reach: { of: 'ratio', bound: '≤', value: 4 },
      },
      {
        name: 'upload after one changed file',
        unit: 'ms',
        ours: next,
        reach: { of: 'p50', bound: '≤', value: 250 },
      },
    ];
  },
};
