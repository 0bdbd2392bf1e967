import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { OPEN_FILE } from '../changes/open-flags.ts';
import type { PlacedRoot } from './roots.ts';

/** A file, made where there is none; fails on a link. */
const OPEN_OWN = OPEN_FILE | constants.O_RDWR | constants.O_CREAT;

/**
 * A file beside the others of its kind that remembers something of one workspace and can always be made again. It lies
 * in a folder that only the user can enter. Without a folder nothing is remembered.
 */
export class CacheFile {
  readonly #file: string | undefined;

  constructor(folder: string | undefined, roots: readonly PlacedRoot[], kind: string) {
    const names = roots.map((root) => `${root.prefix}\0${root.folder}\0`).join('');
    const id = createHash('sha256').update(names).digest('hex').slice(0, 32);
    this.#file = folder === undefined ? undefined : join(folder, `${id}.${kind}`);
  }

  /** What it holds; undefined where there is none, or one that others could have written. */
  read(): Buffer | undefined {
    if (this.#file === undefined) return undefined;
    try {
      const descriptor = openSync(this.#file, OPEN_FILE);
      try {
        const { uid, mode } = fstatSync(descriptor);
        if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0))
          return undefined;
        return readFileSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return undefined;
    }
  }

  /**
   * Writes over what was there: a mixture of two must be found out by whoever reads it. (Put in its place by a rename,
   * it would be flushed on the way.) That something cannot be kept costs time later, and nothing else.
   */
  write(bytes: Buffer): void {
    if (this.#file === undefined) return;
    try {
      const descriptor = openSync(this.#file, OPEN_OWN, 0o600);
      try {
        if (process.platform !== 'win32') fchmodSync(descriptor, 0o600);
        for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at, at);
        ftruncateSync(descriptor, bytes.length);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      this.#remove();
    }
  }

  #remove(): void {
    try {
      if (this.#file !== undefined) rmSync(this.#file, { force: true });
    } catch {
      // What is left of it is damaged, or as it was.
    }
  }
}
