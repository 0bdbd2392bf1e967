import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { takeSnapshot, type SnapshotOptions } from '../../../src/core/workspace/take-snapshot.ts';
import type { TakenSnapshot } from '../../../src/core/workspace/taken-snapshot.ts';
import { RootFolder } from './root-folder.ts';

/** A workspace `root` with a folder `cache` beside it, new for each test of the suite. */
export class TestFolder extends RootFolder {
  constructor() {
    super('cache');
  }

  get cache(): string {
    return this.beside('cache');
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
