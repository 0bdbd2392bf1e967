import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { interleaved } from '../interleaved.ts';
import type { Row } from '../row.ts';
import { timed, TREE, WorkspaceBench } from '../workspace-bench.ts';

/** What it takes to know a workspace for the first time, and again. */
export const snapshot: Row = {
  name: 'snapshot',
  rounds: 9,
  async measure({ folder, rounds }) {
    const bench = await WorkspaceBench.make(folder, 'tar');
    const first = await interleaved(
      { counted: rounds, warmUp: 2 },
      () => {
        bench.forget();
        return timed(() => bench.take());
      },
      () => timed(() => tarAndHash(bench.tree)),
    );
    const next = await interleaved(
      { counted: 2 * rounds, warmUp: 4 },
      () => {
        bench.changeOne();
        return timed(() => bench.take());
      },
      () => timed(() => bench.git('status', '--porcelain')),
    );
    return [
      {
        name: `first snapshot of ${TREE}`,
        unit: 'ms',
        ours: first.ours,
        beside: { name: 'tar to a pipe and SHA-256', values: first.beside },
        reach: { of: 'ratio', bound: '≤', value: 1.3 },
      },
      {
        name: 'snapshot after one changed file',
        unit: 'ms',
        ours: next.ours,
        beside: { name: 'git status', values: next.beside },
        reach: { of: 'ratio', bound: '≤', value: 2 },
      },
    ];
  },
};

/** Reads the same files through a pipe, and hashes what comes while it comes. */
const tarAndHash = (cwd: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const sum = createHash('sha256');
    const args = ['-cf', '-', '--exclude=.git', '--exclude=node_modules', '.'];
    const tar = spawn('tar', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
    tar.stdout.on('data', (bytes: Buffer) => sum.update(bytes));
    tar.once('error', reject);
    tar.once('close', (code) => {
      sum.digest();
      if (code === 0) resolve();
      else reject(new Error(`tar ended with ${String(code)}`));
    });
  });
