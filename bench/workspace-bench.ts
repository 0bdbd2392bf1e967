import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeSnapshot } from '../src/core/workspace/take-snapshot.ts';
import type { TakenSnapshot } from '../src/core/workspace/taken-snapshot.ts';
import { CannotRun } from './row.ts';
import { FILES, makeTree, textOf, TREE_BYTES } from './source-tree.ts';

/** Milliseconds that the tree lies untouched before it is measured, so that no side calls its files racy. */
const SETTLE = 3000;

/** What the tree is called in figures. */
export const TREE = `${FILES.toLocaleString('en-US')} files (${String(Math.round(TREE_BYTES / 1e6))} MB)`;

/** A repository of source files that snapshots are taken of. */
export class WorkspaceBench {
  readonly tree: string;
  readonly cache: string;
  #changes = 0;

  private constructor(folder: string) {
    this.tree = join(folder, 'tree');
    this.cache = join(folder, 'cache');
  }

  /** @throws CannotRun where a program is missing */
  static async make(folder: string, ...programs: string[]): Promise<WorkspaceBench> {
    for (const program of ['git', ...programs]) assertThere(program);
    const bench = new WorkspaceBench(folder);
    makeTree(bench.tree);
    bench.git('init', '-q');
    bench.git('add', '-A');
    // Whatever Git would go on with by itself has an end before anything is measured.
    const settings = ['user.name=bench', 'user.email=bench@localhost', 'gc.auto=0', 'maintenance.auto=false'];
    bench.git(...settings.flatMap((setting) => ['-c', setting]), 'commit', '-q', '-m', 'tree');
    await sleep(SETTLE);
    return bench;
  }

  /** A snapshot, with what is known from the one before. */
  async take(): Promise<TakenSnapshot> {
    const taken = await takeSnapshot({ roots: [{ path: this.tree }], cacheFolder: this.cache });
    const { length } = taken.snapshot.entries;
    // The ignore file besides.
    if (length === FILES + 1) return taken;
    throw new Error(`${String(length)} files were taken of ${String(FILES)}`);
  }

  /** Makes the next snapshot and the next search the first. */
  forget(): void {
    rmSync(this.cache, { recursive: true, force: true });
    mkdirSync(this.cache, { mode: 0o700 });
  }

  changeOne(): void {
    this.#changes += 1;
    writeFileSync(join(this.tree, 'package-3', 'module-7', 'file-11.ts'), textOf(-this.#changes));
  }

  git(...args: string[]): void {
    execFileSync('git', ['-C', this.tree, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

/**
 * Milliseconds that something takes. The collector is not called before: the other sides are processes of their own, and
 * what a forced collection throws away would have to be made again in what is timed.
 */
export async function timed(what: () => unknown): Promise<number> {
  const started = performance.now();
  await what();
  return performance.now() - started;
}

function assertThere(program: string): void {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
  } catch {
    throw new CannotRun(`${program} is not installed.`);
  }
}
