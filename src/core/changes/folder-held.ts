import { readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { posix } from 'node:path';
import { foldPath } from './fold.ts';
import { unsafePath } from './failure.ts';
import type { Folder } from './folder.ts';
import { OPEN_FOLDER } from './open-flags.ts';

/** Node has no openat(2); the kernel's own link to an open folder does the same. */
const throughHandle = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

/** A folder held open: its entries are reached through the handle, wherever its names lead meanwhile. */
class HeldFolder implements Folder {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #root: FileHandle;

  constructor(handle: FileHandle, root: FileHandle, path: string) {
    this.#handle = handle;
    this.#root = root;
    this.path = path;
  }

  at(name: string): string {
    return `${throughHandle(this.#handle)}/${name}`;
  }

  async enter(name: string): Promise<Folder> {
    const handle = await open(this.at(name), OPEN_FOLDER);
    return new HeldFolder(handle, this.#root, posix.join(this.path, name));
  }

  assertInPlace(): void {
    const expected = posix.join(readlinkSync(throughHandle(this.#root)), this.path);
    const actual = readlinkSync(throughHandle(this.#handle));
    // Folded: a mount that ignores case tells the name that it has, not the one it was asked for.
    if (foldPath(actual) !== foldPath(expected)) {
      throw unsafePath(
        this.path || '.',
        'was moved or replaced by another program while the change was being applied.',
      );
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The root, held open; undefined where handles cannot be named: not on Linux, or without `/proc`. */
export async function openHeldFolder(root: string): Promise<Folder | undefined> {
  if (process.platform !== 'linux') return undefined;
  const handle = await open(root, OPEN_FOLDER);
  try {
    readlinkSync(throughHandle(handle));
  } catch {
    await handle.close();
    return undefined;
  }
  return new HeldFolder(handle, handle, '');
}
