import { OffloadError } from '../../../src/protocol/error.ts';
import { TooDeep, walk, type Closed, type Found } from './walk.ts';

/** Files and folders that a workspace may hold. */
export const MAX_ENTRIES = 200_000;
const BLOCK_BYTES = 512;

/**
 * Walks a workspace and counts what it takes, file by file as they are found: on the disk, or as content that comes
 * back, which a file with holes has more of.
 * @throws OffloadError `workspace-limit` as soon as it is more than it may be
 */
export async function* walkWithin(
  folder: string,
  maxBytes: number,
  closed: Closed,
): AsyncGenerator<Found, void, undefined> {
  let bytes = 0;
  let entries = 0;
  try {
    for await (const found of walk(folder, closed)) {
      bytes += takenBytes(found);
      entries++;
      if (bytes > maxBytes) throw wroteTooMuch(maxBytes);
      if (entries > MAX_ENTRIES) throw exceeded(`made more than ${String(MAX_ENTRIES)} files in`);
      yield found;
    }
  } catch (error) {
    throw error instanceof TooDeep ? exceeded('nested folders too deep in') : error;
  }
}

/** What one file counts. */
export function takenBytes({ stats }: Found): number {
  const onDisk = stats.blocks * BLOCK_BYTES;
  return stats.isFile() ? Math.max(onDisk, stats.size) : onDisk;
}

/** What a run ends with whose workspace grows beyond its limit. */
export const wroteTooMuch = (maxBytes: number): OffloadError =>
  exceeded(`wrote more than ${String(Math.round(maxBytes / 1024 ** 2))} MB to`);

const exceeded = (what: string) =>
  new OffloadError('workspace-limit', `The program ${what} its workspace.`, {
    fix: 'Raise the workspace limit, or write into /tmp what need not come back.',
  });
