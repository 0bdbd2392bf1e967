import { OffloadError } from '../../../src/protocol/error.ts';
import { TooDeep, walk } from './walk.ts';

/** Milliseconds between two counts, when a count costs little. */
const INTERVAL = 200;
/** Counting may take one part in this many of the time. */
const COST_SHARE = 5;
/** Files and folders that a workspace may hold. */
export const MAX_ENTRIES = 200_000;
const BLOCK_BYTES = 512;

/** Counts a folder's size while a program runs in it: a bound folder has no quota of its own. */
export class SizeWatch {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(folder: string, maxBytes: number, onExceeded: (error: OffloadError) => void) {
    const count = async (): Promise<void> => {
      const started = performance.now();
      const error = await sizeExceeded(folder, maxBytes);
      if (this.#stopped) return;
      if (error !== undefined) {
        onExceeded(error);
        return;
      }
      this.#timer = setTimeout(
        () => void count(),
        Math.max(INTERVAL, (performance.now() - started) * COST_SHARE),
      );
    };
    this.#timer = setTimeout(() => void count(), INTERVAL);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

/** The error for a folder that takes more than it may on the disk; stops counting there. */
export async function sizeExceeded(folder: string, maxBytes: number): Promise<OffloadError | undefined> {
  let bytes = 0;
  let entries = 0;
  try {
    for await (const { stats } of walk(folder)) {
      bytes += stats.blocks * BLOCK_BYTES;
      entries++;
      if (bytes > maxBytes)
        return exceeded(`wrote more than ${String(Math.round(maxBytes / 1024 ** 2))} MB to`);
      if (entries > MAX_ENTRIES) return exceeded(`made more than ${String(MAX_ENTRIES)} files in`);
    }
  } catch (error) {
    if (error instanceof TooDeep) return exceeded('nested folders too deep in');
    throw error;
  }
  return undefined;
}

const exceeded = (what: string) =>
  new OffloadError('workspace-limit', `The program ${what} its workspace.`, {
    fix: 'Raise the workspace limit, or write into /tmp what need not come back.',
  });
