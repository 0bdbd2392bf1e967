import { statfsSync, statSync } from 'node:fs';
import { asOffloadError, type OffloadError } from '../../../src/protocol/error.ts';
import type { ProcessTree } from '../isolation/box.ts';
import { deletedBytes } from './deleted-files.ts';
import { takenBytes, walkWithin, wroteTooMuch } from './size.ts';

/** Milliseconds between two counts, when a count costs little. */
const INTERVAL = 200;
/** Counting may take one part in this many of the time. */
const COST_SHARE = 5;

/** Counts a folder's size while a program runs in it: a bound folder has no quota of its own. */
export class SizeWatch {
  readonly #folder: string;
  readonly #tree: ProcessTree;
  readonly #maxBytes: number;
  readonly #device: number;
  readonly #freeAtStart: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    folder: string,
    tree: ProcessTree,
    maxBytes: number,
    onExceeded: (error: OffloadError) => void,
  ) {
    this.#folder = folder;
    this.#tree = tree;
    this.#maxBytes = maxBytes;
    this.#device = statSync(folder).dev;
    this.#freeAtStart = freeBytes(folder);
    const count = async (): Promise<void> => {
      const started = performance.now();
      try {
        await this.#count();
      } catch (error) {
        if (!this.#stopped) onExceeded(asOffloadError(error));
        return;
      }
      const cost = performance.now() - started;
      if (!this.#stopped) this.#timer = setTimeout(() => void count(), Math.max(INTERVAL, cost * COST_SHARE));
    };
    this.#timer = setTimeout(() => void count(), INTERVAL);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** @throws OffloadError `workspace-limit` */
  async #count(): Promise<void> {
    const seen = { closed: false };
    let bytes = 0;
    const onClosed = (): boolean => {
      seen.closed = true;
      return false;
    };
    for await (const found of walkWithin(this.#folder, this.#maxBytes, onClosed)) {
      if (this.#stopped) return;
      bytes += takenBytes(found);
    }
    // What a walk does not show is looked for only once the device has lost more than the program may take.
    if (this.#freeAtStart - freeBytes(this.#folder) <= this.#maxBytes) return;
    const hidden = deletedBytes(this.#tree.pids(), this.#device);
    if (seen.closed || bytes + hidden > this.#maxBytes) throw wroteTooMuch(this.#maxBytes);
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
