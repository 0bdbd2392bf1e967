import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  unlinkSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from '../disk-full.ts';
import {
  hasStamp,
  stampOf,
  type BaselineEntry,
  type BaselineFile,
  type Special,
  type Stamp,
} from './baseline.ts';
import { opened } from './collect.ts';
import { leftContent } from './left-content.ts';
import { walkWithin } from './size.ts';

/**
 * A workspace that a program has worked in and that files are brought into. Every component of a path is looked at
 * before anything is done there, and no link is followed: a program may have put one in the place of a folder.
 */
export class KeptFolder {
  readonly #folder: string;
  readonly #owner: number | undefined;
  readonly #found: Map<string, Stats>;
  readonly #known = new Map<string, { hash: string; stamp: Stamp }>();

  private constructor(folder: string, owner: number | undefined, found: Map<string, Stats>) {
    this.#folder = folder;
    this.#owner = owner;
    this.#found = found;
  }

  /** @throws OffloadError `workspace-limit` for a folder that takes more than `maxBytes` */
  static async read(folder: string, owner: number | undefined, maxBytes: number): Promise<KeptFolder> {
    const found = new Map<string, Stats>();
    for await (const { path, stats } of walkWithin(folder, maxBytes, opened)) {
      if (path !== undefined) found.set(path, stats);
    }
    return new KeptFolder(folder, owner, found);
  }

  /** The time of the latest change of anything in it. */
  get latestMs(): number {
    let latest = 0;
    for (const { ctimeMs } of this.#found.values()) latest = Math.max(latest, ctimeMs);
    return latest;
  }

  /** What stands at a path; a folder is none. What shows a stamp of one of `known` need not be read. */
  async entry(
    path: string,
    known: readonly (BaselineEntry | undefined)[],
  ): Promise<BaselineEntry | Special | undefined> {
    const stats = this.#found.get(path);
    if (stats === undefined || stats.isDirectory()) return undefined;
    const place = join(this.#folder, path);
    if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(place) };
    if (!stats.isFile()) return { kind: 'special' };
    const executable = (stats.mode & 0o111) !== 0;
    const same = known.find((entry) => entry?.kind === 'file' && hasStamp(stats, entry.stamp));
    if (same !== undefined) return same;
    const { hash } = await leftContent(place, stats);
    // One that had to be made readable first has another stamp by now.
    if ((stats.mode & 0o400) !== 0) this.#known.set(path, { hash, stamp: stampOf(stats) });
    return { kind: 'file', hash, executable };
  }

  /** The stamp of a file that is as `wanted` says, where that is known, by it or by one of `known`, without reading. */
  stamp(
    path: string,
    wanted: BaselineFile,
    known: readonly (BaselineEntry | undefined)[],
  ): Stamp | undefined {
    const stats = this.#found.get(path);
    if (stats?.isFile() !== true || ((stats.mode & 0o111) !== 0) !== wanted.executable) return undefined;
    const read = this.#known.get(path);
    if (read?.hash === wanted.hash) return read.stamp;
    const isKnown = known.some(
      (entry) => entry?.kind === 'file' && entry.hash === wanted.hash && hasStamp(stats, entry.stamp),
    );
    return isKnown ? stampOf(stats) : undefined;
  }

  /** Removes a file or link, and the folders that are empty then. */
  remove(path: string): void {
    this.#makeWritable(dirname(path));
    unlinkSync(join(this.#folder, path));
    this.#found.delete(path);
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      this.#makeWritable(dirname(folder));
      if (!this.#removeEmpty(folder)) return;
    }
  }

  /**
   * Makes the folders that lead to a path, so that a file can be put there by a rename. Links in the way go; false where
   * a file of the program's, or a folder that holds some, is in the way.
   */
  makeWay(path: string): boolean {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      const stats = this.#lstat(folder);
      if (stats?.isDirectory() === true) continue;
      if (stats !== undefined && !stats.isSymbolicLink()) return false;
      this.#makeWritable(dirname(folder));
      const place = join(this.#folder, folder);
      if (stats !== undefined) unlinkSync(place);
      mkdirSync(place, { mode: 0o755 });
      if (this.#owner !== undefined) chownSync(place, this.#owner, this.#owner);
    }
    this.#makeWritable(dirname(path));
    return this.#lstat(path)?.isDirectory() === true ? this.#removeFolders(path) : true;
  }

  /** A file or link has been put at a path. */
  written(path: string, hash: string | undefined): void {
    const stats = lstatSync(join(this.#folder, path));
    this.#found.set(path, stats);
    if (hash !== undefined) this.#known.set(path, { hash, stamp: stampOf(stats) });
  }

  /** Removes a folder that holds nothing but folders. False, and some may be gone, where it holds more. */
  #removeFolders(path: string): boolean {
    this.#makeWritable(path);
    for (const entry of readdirSync(join(this.#folder, path), { withFileTypes: true })) {
      if (!entry.isDirectory() || !this.#removeFolders(`${path}/${entry.name}`)) return false;
    }
    return this.#removeEmpty(path);
  }

  #removeEmpty(folder: string): boolean {
    try {
      rmdirSync(join(this.#folder, folder));
      this.#found.delete(folder);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** A program may have closed a folder to itself, and so to whoever runs it. Only for one that is no link. */
  #makeWritable(folder: string): void {
    const place = join(this.#folder, folder);
    const { mode } = lstatSync(place);
    if ((mode & 0o700) !== 0o700) chmodSync(place, (mode & 0o777) | 0o700);
  }

  #lstat(path: string): Stats | undefined {
    return lstatSync(join(this.#folder, path), { throwIfNoEntry: false });
  }
}
