import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { systemCode } from '../disk-full.ts';

/**
 * A tree into which the entries of an archive are written that nobody vouches for. Every folder that a path leads through
 * is looked at before anything is done there: a link, which the snapshot may have, is never followed.
 */
export class RestoredTree {
  readonly #root: string;
  readonly #owner: number | undefined;
  /** Folders that are known to be folders: nothing else changes the tree meanwhile. */
  readonly #folders = new Set<string>(['.']);
  readonly #modes = new Map<string, number>();

  constructor(root: string, owner: number | undefined) {
    this.#root = root;
    this.#owner = owner;
  }

  /** Removes a file or link, and the folders that are empty then. */
  remove(path: string): void {
    if (!this.#leadsThere(path)) return;
    const place = join(this.#root, path);
    const stats = lstatSync(place, { throwIfNoEntry: false });
    if (stats === undefined || stats.isDirectory()) return;
    unlinkSync(place);
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      try {
        rmdirSync(join(this.#root, folder));
        this.#folders.delete(folder);
      } catch (error) {
        if (systemCode(error) === 'ENOTEMPTY') return;
        throw error;
      }
    }
  }

  folder(path: string, mode: number): void {
    this.#makeFolder(path);
    this.#modes.set(path, mode);
  }

  async file(path: string, mode: number, content: AsyncIterable<Buffer>): Promise<void> {
    this.#clear(path);
    const place = join(this.#root, path);
    const file = await open(place, 'wx', 0o600);
    try {
      for await (const part of content) await file.writeFile(part);
      await file.chmod(mode);
    } finally {
      await file.close();
    }
    if (this.#owner !== undefined) chownSync(place, this.#owner, this.#owner);
  }

  link(path: string, target: string): void {
    this.#clear(path);
    const place = join(this.#root, path);
    symlinkSync(target, place);
    if (this.#owner !== undefined) lchownSync(place, this.#owner, this.#owner);
  }

  /** Gives folders their modes, inner ones first: by then nothing is written into them any more. */
  close(): void {
    for (const [path, mode] of [...this.#modes].reverse()) chmodSync(join(this.#root, path), mode);
  }

  /** Makes room for a file or link where another file or link may be, and the folders that lead there. */
  #clear(path: string): void {
    if (dirname(path) !== '.') this.#makeFolder(dirname(path));
    const place = join(this.#root, path);
    const stats = lstatSync(place, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) throw notValid(`${JSON.stringify(path)} is a folder`);
    if (stats !== undefined) unlinkSync(place);
  }

  #makeFolder(path: string): void {
    if (this.#folders.has(path)) return;
    if (dirname(path) !== '.') this.#makeFolder(dirname(path));
    const place = join(this.#root, path);
    const stats = lstatSync(place, { throwIfNoEntry: false });
    // Who made a folder in the place of a file or a link has said before that it is gone.
    if (stats?.isDirectory() === false) throw notValid(`${JSON.stringify(path)} is no folder`);
    if (stats === undefined) {
      mkdirSync(place, { mode: 0o755 });
      if (this.#owner !== undefined) chownSync(place, this.#owner, this.#owner);
    }
    this.#folders.add(path);
  }

  #leadsThere(path: string): boolean {
    const folder = dirname(path);
    if (this.#folders.has(folder)) return true;
    if (!this.#leadsThere(folder)) return false;
    if (lstatSync(join(this.#root, folder), { throwIfNoEntry: false })?.isDirectory() !== true) return false;
    this.#folders.add(folder);
    return true;
  }
}

/** A checkpoint that is none, or leads out of its trees: nothing of it is taken further. */
export const notValid = (why: string): OffloadError =>
  new OffloadError('bad-frame', `The checkpoint is not valid: ${why}.`);
