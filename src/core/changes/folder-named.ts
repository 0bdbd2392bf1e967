import { type BigIntStats, lstatSync, realpathSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { foldName } from './fold.ts';
import { errnoOf } from '../errno.ts';
import { unsafePath } from './failure.ts';
import type { Folder } from './folder.ts';

/** A folder known by its path, its identity taken when it was entered. */
class NamedFolder implements Folder {
  readonly path: string;
  readonly #real: string;
  readonly #stats: BigIntStats;

  constructor(real: string, path: string, stats: BigIntStats) {
    this.path = path;
    this.#real = real;
    this.#stats = stats;
  }

  at(name: string): string {
    return join(this.#real, name);
  }

  async enter(name: string): Promise<Folder> {
    this.assertInPlace();
    const folder = await namedFolder(this.at(name), this.path === '' ? name : `${this.path}/${name}`);
    folder.assertInPlace();
    return folder;
  }

  assertInPlace(): void {
    if (!this.#isInPlace()) {
      throw unsafePath(
        this.path || '.',
        'is reached through a link, or was replaced while the change was applied.',
      );
    }
  }

  async close(): Promise<void> {
    // Nothing is held.
  }

  #isInPlace(): boolean {
    try {
      const { dev, ino } = lstatSync(this.#real, { bigint: true });
      if (dev !== this.#stats.dev || ino !== this.#stats.ino) return false;
      // A short (8.3) name, or a link further up, gives another real path than the one that was walked.
      return foldName(realpathSync.native(this.#real)) === foldName(this.#real);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  }
}

async function namedFolder(real: string, path: string): Promise<Folder> {
  const stats = await lstat(real, { bigint: true });
  // A link is none, Windows' junctions included.
  if (!stats.isDirectory()) {
    throw Object.assign(new Error(`ENOTDIR: not a folder, lstat '${real}'`), {
      code: 'ENOTDIR',
      syscall: 'lstat',
    });
  }
  return new NamedFolder(real, path, stats);
}

/** The root, an absolute path without links, for platforms that cannot name an open folder's entries. */
export const openNamedFolder = async (root: string): Promise<Folder> => namedFolder(root, '');
