import type { Stats } from 'node:fs';
import { CacheFile } from './cache-file.ts';
import { foldersOf, type Folder } from './folder.ts';
import {
  decodeWorkspace,
  encodeWorkspace,
  HASH,
  NOTHING_KNOWN,
  STAMP,
  type KnownFolder,
  type KnownWorkspace,
} from './known-workspace.ts';
import type { PlacedRoot } from './roots.ts';

/** New hashes that are worth writing them all: the share of the files, and their bytes. Fewer are taken again. */
const WORTH_WRITING = 0.01;
const WORTH_WRITING_BYTES = 4 * 1024 * 1024;

/**
 * What is known of a workspace from its last snapshot, kept in a file: the hashes of its files, which hold for as long
 * as the files look untouched, and which files and folders were taken along by which rules.
 */
export class StatCache {
  readonly #file: CacheFile;
  readonly #known: KnownWorkspace;
  readonly #folders: ReadonlyMap<string, KnownFolder>;

  private constructor(file: CacheFile, known: KnownWorkspace) {
    this.#file = file;
    this.#known = known;
    this.#folders = new Map(known.folders.map((folder) => [folder.path, folder]));
  }

  /** Reads what is known of a workspace. What is damaged counts as nothing. */
  static open(folder: string | undefined, roots: readonly PlacedRoot[]): StatCache {
    const file = new CacheFile(folder, roots, 'files');
    const bytes = file.read();
    return new StatCache(file, (bytes && decodeWorkspace(bytes)) ?? NOTHING_KNOWN);
  }

  /** The hash of its rules that a folder (its path ends with a slash) had when it was taken along. */
  rulesOf(folder: string): string | undefined {
    return this.#folders.get(folder)?.rules;
  }

  /** Finds the files of a folder, asked for by their names in order; -1 for one that is not known. */
  filesOf(folder: string): (name: string) => number {
    const { names } = this.#known;
    const { first, count } = this.#folders.get(folder) ?? { first: 0, count: 0 };
    let at = first;
    const end = first + count;
    return (name) => {
      while (at < end && (names[at] ?? '') < name) at++;
      return at < end && names[at] === name ? at : -1;
    };
  }

  /** The hash of a known file that looks as it did; undefined for one that does not. */
  hashOf(file: number, { size, mtimeMs, ctimeMs, ino }: Stats): string | undefined {
    const { stamps } = this.#known;
    const at = file * STAMP;
    const same =
      file !== -1 &&
      stamps[at] === size &&
      stamps[at + 1] === mtimeMs &&
      stamps[at + 2] === ctimeMs &&
      stamps[at + 3] === ino;
    return same ? hashAt(this.#known, file) : undefined;
  }

  /** Keeps what these folders and their files are like, unless what would be new in it is hardly worth the writing. */
  save(tops: readonly Folder[]): void {
    const folders = foldersOf(tops);
    if (this.#isWorthWriting(folders)) this.#file.write(encodeWorkspace(this.#next(folders)));
  }

  #isWorthWriting(folders: readonly Folder[]): boolean {
    let [files, bytes] = [0, 0];
    for (const { path, rules, entries } of folders) {
      if (this.rulesOf(path) !== rules) return true;
      for (const entry of entries) {
        if (entry.kind !== 'unread' || entry.stamp === undefined) continue;
        files += 1;
        bytes += entry.size;
      }
    }
    return files > this.#known.names.length * WORTH_WRITING || bytes > WORTH_WRITING_BYTES;
  }

  #next(from: readonly Folder[]): KnownWorkspace {
    const known = this.#known;
    const folders: KnownFolder[] = [];
    const names: string[] = [];
    const stamps: number[] = [];
    const hashes: string[] = [];
    for (const { path, rules, entries } of from) {
      const first = names.length;
      const find = this.filesOf(path);
      for (const entry of entries) {
        if (entry.kind !== 'file' && entry.kind !== 'unread') continue;
        const name = entry.path.slice(path.length);
        const was = find(name) * STAMP;
        if (entry.kind === 'unread') {
          if (entry.stamp === undefined) continue;
          const { size, mtimeMs, ctimeMs, ino, hash } = entry.stamp;
          stamps.push(size, mtimeMs, ctimeMs, ino);
          hashes.push(hash);
        } else if (was >= 0 && hashAt(known, was / STAMP) === entry.hash) {
          for (let at = was; at < was + STAMP; at++) stamps.push(known.stamps[at] ?? 0);
          hashes.push(entry.hash);
        } else continue;
        names.push(name);
      }
      folders.push({ path, rules, first, count: names.length - first });
    }
    return { folders, names, stamps: Float64Array.from(stamps), hashes: hashes.join('') };
  }
}

const hashAt = ({ hashes }: KnownWorkspace, file: number): string =>
  hashes.slice(file * HASH, (file + 1) * HASH);
