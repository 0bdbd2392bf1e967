import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { takeSnapshot, type SnapshotOptions } from '../../../src/core/workspace/take-snapshot.ts';
import type { TakenSnapshot } from '../../../src/core/workspace/taken-snapshot.ts';

/** A folder with a workspace `root` in it and a folder `cache` beside it, new for each test of the suite. */
export class TestFolder {
  #base = '';

  constructor() {
    beforeEach(() => {
      this.#base = mkdtempSync(join(realpathSync(tmpdir()), 'offload-workspace-'));
      mkdirSync(this.root);
      mkdirSync(this.cache, { mode: 0o700 });
    });
    afterEach(() => {
      rmSync(this.#base, { recursive: true, force: true });
    });
  }

  get base(): string {
    return this.#base;
  }

  get root(): string {
    return join(this.#base, 'root');
  }

  get cache(): string {
    return join(this.#base, 'cache');
  }

  /** Where a path in the root lies. */
  at(path: string): string {
    return join(this.root, path);
  }

  /** Writes a file, its folders made, and gives its place. */
  put(path: string, content: string | Uint8Array = `${path}\n`, mode = 0o644): string {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content, { mode });
    return this.at(path);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  take(options: Partial<SnapshotOptions> = {}): Promise<TakenSnapshot> {
    return takeSnapshot({ roots: [{ path: this.root }], ...options });
  }

  /** The paths that are taken along. */
  async paths(options: Partial<SnapshotOptions> = {}): Promise<string[]> {
    return (await this.take(options)).snapshot.entries.map(({ path }) => path);
  }
}
